import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { crashPoint } from '../../../engine/crash-point.ts';
import type { DocumentChange, Documents } from '../../../engine/documents/documents.ts';
import { SignalboxError } from '../../../errors.ts';
import {
  IDEMPOTENCY,
  type IdempotencyDocument,
  laneKey,
  queuedRun,
  RELEASE,
  type ReleaseDocument,
  releaseId,
  releaseKey,
  USED_TOKEN,
  type UsedTokenDocument,
} from '../model.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { asStorageError } from './durable.ts';
import { type ReleasePlaces, type ReleaseRecord, writeRecord } from './release-files.ts';
import { assertSamePlace, type Place } from './same-place.ts';

export interface CommitContext {
  store: ArtifactStore;
  places: ReleasePlaces;
  documents: Documents;
  now: () => number;
}

export interface Commitment {
  record: ReleaseRecord;
  /** The directory that holds the artifact, and becomes the release's. */
  staging: string;
  /** `<credential>/<key>` and what it stands for, where the sender gave an Idempotency-Key. */
  idempotency: { id: string; fingerprint: string } | null;
  /** The id_token that the sender showed. */
  token: { id: string; expiresAt: number } | null;
}

export interface Committed {
  release: ReleaseDocument;
  /** False when the same release was there already. */
  created: boolean;
}

/** One commit of a release at a time, so that of many at once each sees the outcome of the one before. */
const turns = new Map<string, Promise<unknown>>();

/**
 * Makes a received artifact a release: files on disk, the directory renamed, and release, first run, signal and journal in
 * one transaction. When this resolves, no power cut can undo it. The staging directory is gone afterwards, either way.
 *
 * @throws SignalboxError SBX_RELEASE_VERSION_EXISTS, SBX_RELEASE_YANKED, SBX_RELEASE_NO_SPACE, SBX_RELEASE_NOT_STORED
 */
export async function commitRelease(commitment: Commitment, context: CommitContext): Promise<Committed> {
  const id = releaseId(commitment.record.product, commitment.record.version);
  const before = turns.get(id) ?? Promise.resolve();
  const mine = before.then(() => commit(commitment, context));
  const settled = mine.catch(() => undefined);
  turns.set(id, settled);
  try {
    return await mine;
  } catch (error) {
    throw error instanceof SignalboxError ? error : asStorageError(error);
  } finally {
    if (turns.get(id) === settled) turns.delete(id);
    await rm(commitment.staging, { recursive: true, force: true });
  }
}

async function commit(commitment: Commitment, context: CommitContext): Promise<Committed> {
  const { record, staging } = commitment;
  const { documents, places, store, now } = context;
  const id = releaseId(record.product, record.version);
  const stored = await documents.read<ReleaseDocument>(RELEASE, id);
  if (stored && stored.body.state !== 'rejected') return whatIsThere(stored.body, record);

  await writeRecord(places, staging, record, 1);
  crashPoint('release:staged');
  const placed = await store.put(staging, record);
  if (!placed) {
    // An earlier try of the same bytes, of whose transaction nobody knew whether it was written.
    const there = await store.read(record);
    if (stored || there?.sha256 !== record.sha256) {
      throw new SignalboxError('SBX_RELEASE_VERSION_EXISTS', `${record.product} ${record.version}`);
    }
  }
  crashPoint('release:published');
  const release = newRelease(placed ?? record, now());
  const change = { kind: RELEASE, id, body: release, replaces: stored?.revision ?? 0 };
  let done: boolean;
  try {
    done = await submitRelease(documents, change, commitment);
  } catch (error) {
    // A connection that broke leaves open whether it was written; without an answer the files stay until one is known.
    const found = await documents.read<ReleaseDocument>(RELEASE, id).catch(() => undefined);
    if (found && found.body.sha256 === record.sha256 && found.body.state !== 'rejected') {
      return { release: found.body, created: true };
    }
    if (found !== undefined) await store.remove(release);
    throw error;
  }
  if (!done) {
    // Another process was faster: one that was just starting has found the files and taken them in, or the same was sent to it.
    const found = await documents.read<ReleaseDocument>(RELEASE, id);
    if (found && found.body.object !== release.object) await store.remove(release);
    if (found && found.body.state !== 'rejected') return whatIsThere(found.body, record);
    throw new SignalboxError('SBX_RELEASE_NOT_STORED', 'another process was faster');
  }
  crashPoint('release:committed');
  return { release, created: true };
}

/** The document of a release whose first run waits for its turn among those that are queued. */
export function newRelease(record: ReleaseRecord, now: number, queuedAt = now): ReleaseDocument {
  const { environment, credential } = record;
  return {
    ...record,
    state: 'queued',
    committedAt: now,
    runs: [queuedRun({ attempt: 1, environment, by: credential, queuedAt })],
    pinned: false,
    yanked: null,
  };
}

/** Release, lane and journal, and what the request was known by, together or not at all. */
function submitRelease(
  documents: Documents,
  change: DocumentChange,
  { record, idempotency, token }: Pick<Commitment, 'record' | 'idempotency' | 'token'>,
): Promise<boolean> {
  const { product, version, line, environment, sha256, md5, credential, receivedAt: at, size } = record;
  const changes: DocumentChange[] = [change];
  if (idempotency) {
    const body: IdempotencyDocument = { version, fingerprint: idempotency.fingerprint, sha256, md5, at };
    changes.push({ kind: IDEMPOTENCY, id: `${product}/${idempotency.id}`, body });
  }
  if (token) {
    const body: UsedTokenDocument = { product, version, expiresAt: token.expiresAt };
    changes.push({ kind: USED_TOKEN, id: tokenId(token.id), body });
  }
  return documents.submit({
    changes,
    signals: [laneKey(product), releaseKey(product, version)].map(key => ({
      key,
      reason: `${version} has arrived`,
      urgent: true,
    })),
    journal: [
      {
        kind: 'signal',
        key: laneKey(product),
        data: { release: 'received', version, line, environment, sha256, size, credential },
      },
    ],
  });
}

/** A release that is found on disk without its document is taken in as if it had just been committed, in the order of arrival. */
export function adoptRelease(documents: Documents, record: ReleaseRecord, now: number): Promise<boolean> {
  const id = releaseId(record.product, record.version);
  const change = { kind: RELEASE, id, body: newRelease(record, now, record.receivedAt), replaces: 0 };
  return submitRelease(documents, change, { record, idempotency: null, token: null });
}

/** Ids of tokens come from outside and may hold anything. */
export function tokenId(jti: string): string {
  return createHash('sha256').update(jti).digest('hex');
}

/**
 * What an upload of a version means that is there already: nothing, if the bytes are the same.
 *
 * @throws SignalboxError SBX_RELEASE_VERSION_EXISTS, SBX_RELEASE_YANKED, SBX_RELEASE_OTHER_CHANNEL
 */
export function whatIsThere(release: ReleaseDocument, record: Place & Pick<ReleaseRecord, 'sha256'>): Committed {
  const name = `${release.product} ${release.version}`;
  if (release.yanked) throw new SignalboxError('SBX_RELEASE_YANKED', name);
  if (release.sha256 !== record.sha256) throw new SignalboxError('SBX_RELEASE_VERSION_EXISTS', name);
  assertSamePlace(release, record);
  return { release, created: false };
}
