import type { Automation } from '../../../engine/automation.ts';
import { crashPoint } from '../../../engine/crash-point.ts';
import type { Documents } from '../../../engine/documents/documents.ts';
import type { Channel } from '../channels/move-head.ts';
import { CHANNEL, publishKey, RELEASE, type ReleaseDocument, releaseId, releaseKey } from '../model.ts';
import { readAll } from '../read-all.ts';
import type { RunLogs } from '../run/run-logs.ts';
import type { ArtifactStore, StoredName } from '../store/artifact-store.ts';
import { compareVersions } from '../version.ts';
import { decide, type RetentionAction, type RetentionFacts, type RetentionRules } from './decide.ts';
import { findOutdated } from './outdated.ts';

const FORGET_AT_ONCE = 200;

export interface RetentionContext {
  documents: Documents;
  rules: (product: string) => RetentionRules;
  store: Pick<ArtifactStore, 'remove' | 'orphans'>;
  logs: Pick<RunLogs, 'remove'>;
  now: () => number;
}

/** The reconciler of `retention:<product>`. */
export function retention(context: RetentionContext): Automation<RetentionFacts, RetentionAction> {
  return {
    name: 'release-retention',
    kind: 'retention',
    standing: true,
    gather: look => gather(look.subject, context),
    decide: (facts, _memory, now) => decide(facts, context.rules(facts.product), compareVersions, now),
    effect: (action, { product }) => {
      const { type, summary } = action;
      if (type === 'forget') return { name: type, summary, do: () => forget(product, context) };
      if (type === 'sweep') return { name: type, summary, do: () => sweep(product, context) };
      return { name: `remove ${action.version}`, summary, do: () => remove(product, action.version, context) };
    },
  };
}

/** The files go before the record: whatever the moment of a crash, no release is half there, and none comes back. */
async function remove(product: string, version: string, context: RetentionContext) {
  const stored = await context.documents.read<ReleaseDocument>(RELEASE, releaseId(product, version));
  if (stored) {
    await context.store.remove(stored.body);
    crashPoint('release:removing');
    await context.documents.submit({
      changes: [{ kind: RELEASE, id: stored.id, body: null }],
      signals: [publishKey(product), releaseKey(product, version)].map(key => ({
        key,
        reason: `${version} was removed`,
      })),
    });
  }
  await context.logs.remove(product, version);
  return { removed: version };
}

/** What uploads that were cut off have left in the store. */
async function sweep(product: string, context: RetentionContext) {
  const orphans = await findOrphans(product, context);
  for (const orphan of orphans) await context.store.remove(orphan);
  return { removed: orphans.length };
}

async function findOrphans(product: string, { documents, store, now }: RetentionContext): Promise<StoredName[]> {
  const releases = await readAll<ReleaseDocument>(documents, RELEASE, `${product}/`);
  const known = new Set(releases.flatMap(({ body }) => [body.version, `${body.version}/${body.object}`]));
  return store.orphans(product, known, now());
}

async function forget(product: string, { documents, now }: RetentionContext) {
  const outdated = await findOutdated(product, documents, now());
  // In pieces: nobody's upload shall wait for the end of one long transaction.
  for (let at = 0; at < outdated.length; at += FORGET_AT_ONCE) {
    await documents.submit({
      changes: outdated.slice(at, at + FORGET_AT_ONCE).map(each => ({ ...each, body: null })),
    });
  }
  return { forgotten: outdated.length };
}

async function gather(product: string, context: RetentionContext): Promise<RetentionFacts> {
  const { documents, now } = context;
  const releases = await readAll<ReleaseDocument>(documents, RELEASE, `${product}/`);
  const yanked = new Set(releases.filter(({ body }) => body.yanked).map(({ body }) => body.version));
  const channels = await readAll<Channel>(documents, CHANNEL, `${product}/`);
  return {
    product,
    outdated: (await findOutdated(product, documents, now())).length,
    orphans: (await findOrphans(product, context)).length,
    releases: releases.map(({ body }) => ({
      version: body.version,
      line: body.line,
      committedAt: body.committedAt,
      pinned: body.pinned,
      busy: body.runs.some(run => run.state === 'queued' || run.state === 'running'),
    })),
    channels: channels.map(({ id, body }) => {
      const [, line = '', environment = ''] = id.split('/');
      const before = body.history.findLast(change => change.version !== body.head && !yanked.has(change.version));
      return {
        line,
        environment,
        head: body.head,
        before: before?.version ?? null,
        arrivals: body.arrivals.map(({ version }) => version),
      };
    }),
  };
}
