import type { Documents } from '../../../engine/documents/documents.ts';
import type { EngineLog } from '../../../engine/log.ts';
import { SignalboxError } from '../../../errors.ts';
import { laneKey, RELEASE, type ReleaseDocument, releaseId } from '../model.ts';
import { readAll } from '../read-all.ts';
import { compareVersions } from '../version.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { adoptRelease } from './commit.ts';
import type { ReleaseRecord } from './release-files.ts';

export interface ReconcileContext {
  store: ArtifactStore;
  documents: Documents;
  /** The products of the configuration; other directories are left alone. */
  products: readonly string[];
  now: () => number;
  log: EngineLog;
}

/** A bucket is asked for each release; and where a whole disk is lost, each change takes one of the database's connections. */
const AT_ONCE = 5;

/**
 * What every start begins with, before a request is taken: whatever point an earlier process was killed at, disk and
 * database come to say the same. A directory without document is taken in if it is whole and set aside if not; a document
 * without directory is rejected; what was being staged was never acknowledged and goes.
 */
export async function reconcileReleases(context: ReconcileContext): Promise<void> {
  const { store, products, log } = context;
  await store.open();
  for (const product of products) {
    const documents = await readAll<ReleaseDocument>(context.documents, RELEASE, `${product}/`);
    const known = new Map(documents.map(({ body }) => [body.version, body]));
    try {
      await takeInUnknown(context, product, known);
      const all = [...known.values()];
      for (let at = 0; at < all.length; at += AT_ONCE) {
        await Promise.all(all.slice(at, at + AT_ONCE).map(release => rejectLost(context, release)));
      }
    } catch (error) {
      if (!(error instanceof SignalboxError) || error.code !== 'SBX_ARTIFACTS_UNREACHABLE') throw error;
      // A bucket that does not answer says nothing about what is in it.
      log.warn('releases and their records are compared at the next start', { product, error: error.detail });
    }
  }
}

/** In the order in which they came, for that is the order in which their scripts run. */
async function takeInUnknown(
  context: ReconcileContext,
  product: string,
  known: ReadonlyMap<string, ReleaseDocument>,
): Promise<void> {
  const { store, documents, now, log } = context;
  const unknown: ReleaseRecord[] = [];
  for (const name of await store.find(product)) {
    const { version } = name;
    const release = known.get(version);
    if (release && (release.state !== 'rejected' || release.object !== name.object)) continue;
    const record = await store.read(name);
    const whole =
      record !== null && record.product === product && record.version === version && (await store.isWhole(record));
    if (!whole || (release && release.sha256 !== record.sha256)) {
      await store.setAside(name, now());
      log.error('a damaged release was set aside', { product, version });
    } else if (release) await restore(context, release);
    else unknown.push(record);
  }
  for (const record of unknown.toSorted(inOrder)) {
    const { version } = record;
    if (await adoptRelease(documents, record, now())) {
      log.warn('a release was found in its place without its record, and taken in', { product, version });
    }
  }
}

function inOrder(a: ReleaseRecord, b: ReleaseRecord): number {
  return a.receivedAt - b.receivedAt || compareVersions(a.version, b.version);
}

/** A release whose artifact is back, as after a start with a disk that was not mounted. */
async function restore({ documents, log }: ReconcileContext, { product, version }: ReleaseDocument): Promise<void> {
  await documents.change<ReleaseDocument>(RELEASE, releaseId(product, version), current => {
    const last = current?.runs.at(-1)?.state;
    if (current?.state !== 'rejected' || last === undefined) return null;
    const data = { release: 'restored', version, because: 'its artifact is on disk again' };
    return { body: { ...current, state: last }, journal: [{ kind: 'signal', key: laneKey(product), data }] };
  });
  log.warn('a rejected release has its artifact again', { product, version });
}

async function rejectLost({ store, documents, now, log }: ReconcileContext, release: ReleaseDocument): Promise<void> {
  if (release.state === 'rejected') return;
  const { product, version } = release;
  if (await store.holds(release)) return;
  const at = now();
  // What is left of it would be in the way of the same version sent again.
  await store.setAside(release, at);
  const key = laneKey(product);
  await documents.change<ReleaseDocument>(RELEASE, releaseId(product, version), current => {
    if (!current) return null;
    const runs = current.runs.map(run =>
      run.state === 'queued' ? { ...run, state: 'failed' as const, endedAt: at } : run,
    );
    return {
      body: { ...current, state: 'rejected', runs },
      journal: [
        { kind: 'failure', key, data: { release: 'rejected', version, because: 'its artifact is not on disk' } },
      ],
    };
  });
  log.error('a release has lost its artifact, and is rejected', { product, version });
}
