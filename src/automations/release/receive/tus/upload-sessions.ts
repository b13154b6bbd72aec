import { link, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { SignalboxError } from '../../../../errors.ts';
import type { Caller } from '../../credentials/gate.ts';
import { GivenFields } from '../../metadata/given-fields.ts';
import { artifactName, createStaging } from '../../store/release-files.ts';
import type { Reservation } from '../../store/space.ts';
import { type Admission, admit } from '../admit.ts';
import { ArtifactWriter } from '../artifact-writer.ts';
import { pump } from '../pump.ts';
import type { ReleaseIntake } from '../release-intake.ts';
import { type PartChecksum, PartSink } from './part-sink.ts';
import {
  bytesOf,
  listSessions,
  progressOf,
  readSession,
  removeSession,
  saveSession,
  type UploadSession,
} from './session.ts';

/** What this process holds of an upload between two of its requests. */
interface Held {
  writer: ArtifactWriter | undefined;
  room: Reservation | undefined;
  /** The request that writes now: how to make it give way, and when it has. */
  busy: { over: AbortController; settled: Promise<void> } | undefined;
  closing: NodeJS.Timeout | undefined;
}

/** A file that nobody continues is closed after this, ms; it is hashed again when somebody does. */
const HOLD = 5 * 60_000;
const EXPIRE_EVERY = 10 * 60_000;
const MAY_PASS: ReadonlySet<string> = new Set([
  'SBX_RELEASE_NO_SPACE',
  'SBX_RELEASE_NOT_STORED',
  'SBX_ARTIFACTS_UNREACHABLE',
  'SBX_ARTIFACTS_REFUSED',
  'SBX_SERVICE_STOPPING',
  'SBX_RELEASE_NOT_AUTHENTIC',
]);

/** Resumable uploads: one file each in the uploads' directory, written by one request at a time. */
export class UploadSessions {
  readonly #intake: ReleaseIntake;
  readonly #held = new Map<string, Held>();
  readonly #finishing = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(intake: ReleaseIntake) {
    this.#intake = intake;
  }

  get directory(): string {
    return this.#intake.places.uploads;
  }

  start(): void {
    this.#timer = setInterval(() => void this.expire(), EXPIRE_EVERY).unref();
    void this.expire();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#held.keys()].map(id => this.#letGo(id)));
  }

  /** @throws SignalboxError SBX_UPLOAD_NOT_FOUND, SBX_UPLOAD_EXPIRED */
  async find(id: string): Promise<UploadSession> {
    const session = await readSession(this.directory, id);
    if (!session) throw new SignalboxError('SBX_UPLOAD_NOT_FOUND', 'the address of the upload is not known');
    if (this.#intake.options.now() > (await this.expiresAt(session))) {
      throw new SignalboxError('SBX_UPLOAD_EXPIRED', 'nobody has continued it in time');
    }
    return session;
  }

  async expiresAt(session: UploadSession): Promise<number> {
    const patience = this.#intake.options.products.get(session.product)?.upload_expires ?? 0;
    return (await progressOf(this.directory, session)).at + patience;
  }

  /** Keeps the space that the rest of it will need. */
  async reserve(session: UploadSession): Promise<void> {
    const held = this.#hold(session.id);
    const { offset } = await progressOf(this.directory, session);
    held.room ??= await this.#intake.space.reserve(session.length - offset);
  }

  /**
   * Where the upload stands, with everything on disk. A request that is still writing to it is made to give way, because
   * its sender asks for this when its connection is broken and ours does not know yet.
   */
  async offset(session: UploadSession): Promise<number> {
    await this.#giveWay(session.id);
    return (await progressOf(this.directory, session)).offset;
  }

  async remove(session: UploadSession): Promise<void> {
    await this.#giveWay(session.id);
    await this.#letGo(session.id);
    await removeSession(this.directory, session.id);
  }

  /**
   * Takes the next part.
   *
   * @returns the new offset
   * @throws SignalboxError SBX_UPLOAD_OFFSET, SBX_UPLOAD_LENGTH, SBX_UPLOAD_CHECKSUM, and what receiving throws; what had
   * come until then is kept, unless it was to be checked
   */
  async append(
    session: UploadSession,
    request: IncomingMessage,
    part: { offset: number; checksum: PartChecksum | null; begin: () => void },
  ): Promise<number> {
    const { id } = session;
    this.#intake.live.assertOpen();
    await this.#giveWay(id);
    const held = this.#hold(id);
    const over = new AbortController();
    const { promise: settled, resolve } = Promise.withResolvers<void>();
    held.busy = { over, settled };
    const upload = this.#intake.describe(session, session.credential, over, () => held.writer?.size ?? part.offset);
    this.#intake.live.add(upload);
    try {
      const { offset } = await progressOf(this.directory, session);
      if (offset !== part.offset) {
        const extensions = { 'expected-offset': offset, 'provided-offset': part.offset };
        throw new SignalboxError('SBX_UPLOAD_OFFSET', `it stands at ${offset}`, { extensions });
      }
      await this.reserve(session);
      held.writer ??= await this.#open(session, offset, held);
      part.begin();
      return await this.#write(session, request, { ...part, over, held, writer: held.writer });
    } finally {
      this.#intake.live.remove(upload);
      held.busy = undefined;
      held.closing = setTimeout(() => void this.#letGo(id), HOLD).unref();
      resolve();
    }
  }

  async #write(
    session: UploadSession,
    request: IncomingMessage,
    part: { offset: number; checksum: PartChecksum | null; over: AbortController; held: Held; writer: ArtifactWriter },
  ): Promise<number> {
    const { offset, checksum, writer, held } = part;
    const settings = this.#intake.options.products.get(session.product)!;
    const sink = new PartSink(writer, session.length - offset, checksum);
    let failure: unknown;
    try {
      await pump(request, sink, { idle: settings.idle, minRate: settings.min_rate, signal: part.over.signal });
      if (checksum && sink.digest() !== checksum.digest) {
        failure = new SignalboxError('SBX_UPLOAD_CHECKSUM', `${checksum.algorithm} of the part`);
      }
    } catch (error) {
      failure = error;
    }
    if (failure !== undefined && checksum) {
      // Unchecked bytes must not stay, and the running hash has them in it already.
      await writer.abort();
      held.writer = undefined;
      const back = await this.#open(session, offset, held);
      held.writer = back;
      throw failure;
    }
    try {
      await writer.flush();
    } catch (error) {
      await writer.abort();
      held.writer = undefined;
      throw failure ?? error;
    }
    if (failure !== undefined) throw failure;
    return writer.size;
  }

  /**
   * Makes a complete upload a release. Whatever refuses it for good ends it: an upload that stands at its end must never be taken
   * for a release that is none.
   */
  finish(session: UploadSession, caller: Caller): Promise<void> {
    if (session.committed) return Promise.resolve();
    const { id } = session;
    const running = this.#finishing.get(id) ?? this.#finish(session, caller).finally(() => this.#finishing.delete(id));
    this.#finishing.set(id, running);
    return running;
  }

  async #finish(session: UploadSession, caller: Caller): Promise<void> {
    const { id } = session;
    const held = this.#hold(id);
    try {
      const admission = await this.admission(session, caller);
      held.writer ??= await this.#open(session, session.length, held);
      const received = await held.writer.finish();
      held.writer = undefined;
      const staging = await createStaging(this.#intake.places);
      // A second name for the same bytes: until the release is there, the upload keeps them.
      await link(bytesOf(this.directory, id), join(staging, artifactName(session.product, admission.version)));
      const upload = this.#intake.describe(session, caller.name, new AbortController(), () => session.length);
      this.#intake.live.add(upload);
      try {
        await this.#intake.commit(admission, received, staging, upload);
      } finally {
        this.#intake.live.remove(upload);
        await rm(staging, { recursive: true, force: true });
      }
      await this.#letGo(id);
      await saveSession(this.directory, { ...session, committed: true });
      await rm(bytesOf(this.directory, id));
    } catch (error) {
      await this.#letGo(id);
      // What is not the upload's own fault may pass, and then nothing has to be sent again.
      if (!(error instanceof SignalboxError && MAY_PASS.has(error.code))) await removeSession(this.directory, id);
      throw error;
    }
  }

  /** What the creator said, checked again: meanwhile the version may have come another way. */
  admission(session: UploadSession, caller: Caller): Promise<Admission> {
    const fields = new GivenFields();
    for (const [field, value] of session.fields) fields.add(field, value);
    const { product, md5, sha256, length, idempotencyKey } = session;
    const digests = {
      ...(md5 === null ? {} : { md5 }),
      ...(sha256 === null ? {} : { sha256 }),
      from: { md5: 'md5', sha256: 'sha256' },
    };
    const offer = { product, fields, digests, size: length, caller, idempotencyKey: idempotencyKey ?? undefined };
    return admit(offer, this.#intake.options);
  }

  /** Removes what nobody has continued in time. */
  async expire(): Promise<void> {
    for (const id of await listSessions(this.directory)) {
      const session = await readSession(this.directory, id);
      if (session && this.#intake.options.now() <= (await this.expiresAt(session))) continue;
      await this.#letGo(id);
      await removeSession(this.directory, id);
    }
  }

  #hold(id: string): Held {
    const held = this.#held.get(id) ?? { writer: undefined, room: undefined, busy: undefined, closing: undefined };
    clearTimeout(held.closing);
    this.#held.set(id, held);
    return held;
  }

  async #giveWay(id: string): Promise<void> {
    await this.#finishing.get(id)?.catch(() => undefined);
    for (let busy = this.#held.get(id)?.busy; busy; busy = this.#held.get(id)?.busy) {
      busy.over.abort(new SignalboxError('SBX_UPLOAD_IN_USE', 'a newer request goes on with it'));
      await busy.settled;
    }
  }

  #open(session: UploadSession, offset: number, held: Held): Promise<ArtifactWriter> {
    const settings = this.#intake.options.products.get(session.product)!;
    return ArtifactWriter.reopen(bytesOf(this.directory, session.id), offset, {
      ring: () => this.#intake.ring(),
      maxSize: settings.max_size,
      written: bytes => held.room?.written(bytes),
    });
  }

  async #letGo(id: string): Promise<void> {
    const held = this.#held.get(id);
    if (!held) return;
    held.busy?.over.abort(new SignalboxError('SBX_SERVICE_STOPPING', 'the upload is closed'));
    await held.busy?.settled;
    clearTimeout(held.closing);
    this.#held.delete(id);
    held.room?.release();
    await held.writer?.abort();
  }
}
