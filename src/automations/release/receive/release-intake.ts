import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { crashPoint } from '../../../engine/crash-point.ts';
import type { EngineLog } from '../../../engine/log.ts';
import { SignalboxError } from '../../../errors.ts';
import { IDEMPOTENCY, type ReleaseDocument } from '../model.ts';
import type { ArtifactStore } from '../store/artifact-store.ts';
import { type Committed, commitRelease } from '../store/commit.ts';
import { asStorageError } from '../store/durable.ts';
import { reconcileReleases } from '../store/reconcile.ts';
import { artifactName, createStaging, type ReleasePlaces, releasePlaces } from '../store/release-files.ts';
import { Space } from '../store/space.ts';
import { releaseAddress } from '../view.ts';
import { type Admission, type AdmitContext, assertStillValid, assertStrongEnough } from './admit.ts';
import { ArtifactWriter, type Received } from './artifact-writer.ts';
import { compareDigests, type DeclaredDigests, hasDigest } from './declared-digests.ts';
import { FIRST_ROOM, GrowingRoom } from './growing-room.ts';
import { type LiveUpload, LiveUploads } from './live-uploads.ts';
import { pump, type Sink } from './pump.ts';
import { Ring, SLOT_BYTES } from './ring.ts';

export interface IntakeOptions extends AdmitContext {
  /** The directory of all releases; it is made when missing. */
  root: string;
  /** Tells this process's unfinished uploads from those of others in the same directory. */
  process?: string;
  /** Where releases last: made of the places on this machine. */
  store: (places: ReleasePlaces) => ArtifactStore;
  log: EngineLog;
}

/** One body to be received: the bytes of the artifact are in it somewhere. */
export interface Body {
  request: IncomingMessage;
  /** Wraps the writer where the artifact is only a part of the body; the raw body by default. */
  sink?: (writer: Sink) => Sink;
  /** Called when the whole body is there: digests that came behind the bytes. */
  trailing?: () => DeclaredDigests | null;
}

const STOP_PATIENCE = 10_000;

/** Receives artifacts and makes them releases; one per process, behind all doors. */
export class ReleaseIntake {
  options: IntakeOptions;
  readonly places: ReleasePlaces;
  readonly store: ArtifactStore;
  readonly live = new LiveUploads();
  readonly space: Space;
  #ring: Ring | undefined;

  constructor(options: IntakeOptions) {
    this.options = options;
    this.places = releasePlaces(options.root, options.process);
    this.store = options.store(this.places);
    this.space = new Space(options.root);
  }

  /** Admits by these products and lines from now on. */
  takeUp(changed: Pick<IntakeOptions, 'products' | 'lines'>): void {
    this.options = { ...this.options, ...changed };
  }

  /** Brings disk and database together, and starts the digest threads; before the first request. */
  async start(): Promise<void> {
    const products = [...this.options.products.keys()];
    await reconcileReleases({ ...this.options, store: this.store, products });
    this.#ring ??= new Ring();
  }

  /** Ends uploads under way, the quick ones after they are done. */
  async stop(): Promise<void> {
    await this.live.stop(STOP_PATIENCE);
    await this.#ring?.close();
    this.#ring = undefined;
  }

  ring(): Ring {
    this.#ring ??= new Ring();
    return this.#ring;
  }

  /**
   * Receives one admitted artifact and commits it. Whatever fails, nothing of it is left.
   *
   * @throws SignalboxError as docs/releases.md lists
   */
  async receive(admission: Admission, body: Body): Promise<Committed> {
    const { settings, size } = admission;
    this.live.assertOpen();
    const release = this.holdKey(admission);
    const over = new AbortController();
    let writer: ArtifactWriter | undefined;
    const upload = this.describe(admission, admission.caller.name, over, () => writer?.size ?? 0);
    this.live.add(upload);
    let staging: string | undefined;
    const room = await this.reserve(size ?? FIRST_ROOM, upload, release);
    try {
      staging = await createStaging(this.places).catch(error => {
        throw asStorageError(error);
      });
      const file = artifactName(admission.product, admission.version);
      writer = await ArtifactWriter.create(join(staging, file), {
        ring: () => this.ring(),
        maxSize: settings.max_size,
        written: bytes => room.written(bytes),
        direct: (size ?? 0) >= SLOT_BYTES,
      });
      const pace = { idle: settings.idle, minRate: settings.min_rate, signal: over.signal };
      const sink = size === null ? new GrowingRoom(writer, room) : writer;
      await pump(body.request, body.sink?.(sink) ?? sink, pace);
      const digests = body.trailing?.() ?? admission.digests;
      const received = await writer.finish();
      room.release();
      return await this.commit({ ...admission, digests }, received, staging, upload);
    } catch (error) {
      await writer?.abort();
      throw error instanceof SignalboxError ? error : asStorageError(error);
    } finally {
      if (staging !== undefined) await rm(staging, { recursive: true, force: true });
      room.release();
      release();
      this.live.remove(upload);
    }
  }

  /** Compares what was received with what was declared, and makes it a release. The staging directory is used up. */
  async commit(admission: Admission, received: Received, staging: string, upload: LiveUpload): Promise<Committed> {
    const { product, version, line, environment, metadata, caller, digests, idempotency, settings } = admission;
    if (!hasDigest(digests)) throw new SignalboxError('SBX_RELEASE_DIGEST_MISSING', 'no digest was sent');
    assertStrongEnough(digests, settings);
    compareDigests(digests, received);
    assertStillValid(caller, this.options.now());
    upload.state = 'verified';
    crashPoint('release:received');
    const file = artifactName(product, version);
    const { receivedAt } = upload;
    const own = { product, version, line, environment, metadata, file, credential: caller.name, receivedAt };
    const record = { ...own, ...received };
    return await commitRelease(
      { record, staging, idempotency, token: caller.token },
      { ...this.options, places: this.places, store: this.store },
    );
  }

  describe(
    { product, version, line, environment }: Pick<Admission, 'product' | 'version' | 'line' | 'environment'>,
    credential: string,
    over: AbortController,
    received: () => number,
  ): LiveUpload {
    return {
      product,
      version,
      line,
      environment,
      credential,
      state: 'receiving',
      receivedAt: this.options.now(),
      received,
      abort: reason => over.abort(reason),
    };
  }

  holdKey({ idempotency, product, version }: Admission): () => void {
    if (!idempotency) return () => undefined;
    return this.live.holdKey(`${product}/${idempotency.id}`, releaseAddress({ product, version }));
  }

  async reserve(bytes: number, upload: LiveUpload, releaseKey: () => void) {
    try {
      return await this.space.reserve(bytes);
    } catch (error) {
      this.live.remove(upload);
      releaseKey();
      throw error;
    }
  }

  /** The same request again, of a release that is there: its key is remembered too. */
  async remember({ idempotency, product, version }: Admission, release: ReleaseDocument): Promise<void> {
    if (!idempotency) return;
    const { sha256, md5 } = release;
    const body = { version, fingerprint: idempotency.fingerprint, sha256, md5, at: this.options.now() };
    await this.options.documents.submit({
      changes: [{ kind: IDEMPOTENCY, id: `${product}/${idempotency.id}`, body }],
    });
  }
}
