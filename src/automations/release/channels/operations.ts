import type { DocumentChange, Documents } from '../../../engine/documents/documents.ts';
import type { Signal } from '../../../engine/intake/delivery.ts';
import type { Json } from '../../../engine/json.ts';
import { SignalboxError } from '../../../errors.ts';
import { queueRun } from '../lane/change-run.ts';
import {
  CHANNEL,
  channelId,
  laneKey,
  publishKey,
  RELEASE,
  type ReleaseDocument,
  type ReleaseRun,
  releaseId,
  releaseKey,
} from '../model.ts';
import { headSignals } from './head-signals.ts';
import { type Channel, withdraw } from './move-head.ts';

/** What a person wants done with a release. */
export interface Operation {
  product: string;
  version: string;
  /** Who asks, for the journal. */
  by: string;
  why: string | null;
}

export interface OperationContext {
  documents: Documents;
  /** The environments of a product in their order; throws for a product that is not configured. */
  environments: (product: string) => readonly string[];
  now: () => number;
}

export interface OperationResult {
  release: ReleaseDocument;
  /** The run that will do it; null where there was nothing to do. */
  run: ReleaseRun | null;
}

/**
 * Brings a release that was released in the environment before into this one: the same bytes, the script run for it.
 *
 * @throws SignalboxError SBX_RELEASE_NOT_FOUND, SBX_RELEASE_YANKED, SBX_RELEASE_ENVIRONMENT_UNKNOWN, SBX_RELEASE_NOT_READY, SBX_RELEASE_RUN_OPEN
 */
export async function promote(
  operation: Operation & { environment: string },
  context: OperationContext,
): Promise<OperationResult> {
  const { environment, product } = operation;
  const before = environmentBefore(environment, context.environments(product));
  return addRun(operation, context, release => {
    assertUsable(release);
    if (wasReleasedIn(release, environment)) return null;
    if (before !== null && !wasReleasedIn(release, before)) {
      throw new SignalboxError('SBX_RELEASE_NOT_READY', `${release.version} was not released in ${before} yet`);
    }
    return { environment, how: 'promoted' };
  });
}

/**
 * Puts a release back on offer that was released in this environment once, against the order of versions.
 *
 * @throws SignalboxError as `promote` does
 */
export async function rollBackTo(
  operation: Operation & { environment: string },
  context: OperationContext,
): Promise<OperationResult> {
  const { environment, product } = operation;
  environmentBefore(environment, context.environments(product));
  return addRun(operation, context, release => {
    assertUsable(release);
    if (!wasReleasedIn(release, environment)) {
      throw new SignalboxError('SBX_RELEASE_NOT_READY', `${release.version} was never released in ${environment}`);
    }
    return { environment, how: 'rolled-back' };
  });
}

/**
 * Runs the script again for a release whose last run failed, timed out or was cut off.
 *
 * @throws SignalboxError SBX_RELEASE_NOT_FOUND, SBX_RELEASE_YANKED, SBX_RELEASE_RUN_OPEN
 */
export function retry(operation: Operation, context: OperationContext): Promise<OperationResult> {
  return addRun(operation, context, release => {
    assertUsable(release);
    const last = release.runs.at(-1);
    if (last === undefined || last.state === 'released') return null;
    return { environment: last.environment, how: last.how };
  });
}

/** Keeps a release from being removed by age, or no longer. */
export async function pin(
  operation: Operation & { pinned: boolean },
  context: OperationContext,
): Promise<OperationResult> {
  const { product, version, pinned } = operation;
  const release = await context.documents.change<ReleaseDocument>(RELEASE, releaseId(product, version), current => {
    if (!current || current.pinned === pinned) return null;
    return { body: { ...current, pinned }, journal: [journalRow(operation, { pinned })] };
  });
  if (!release) throw notFound(operation);
  return { release, run: null };
}

/**
 * Withdraws a release: it is offered nowhere any more, and every channel whose head it was goes back to what was on offer
 * there before. The bytes stay.
 *
 * @throws SignalboxError SBX_RELEASE_NOT_FOUND
 */
export async function yank(
  operation: Operation & { why: string },
  context: OperationContext,
): Promise<OperationResult> {
  const { product, version, by, why } = operation;
  const { documents, now } = context;
  for (;;) {
    const stored = await documents.read<ReleaseDocument>(RELEASE, releaseId(product, version));
    if (!stored) throw notFound(operation);
    if (stored.body.yanked) return { release: stored.body, run: null };
    const at = now();
    const release: ReleaseDocument = {
      ...stored.body,
      yanked: { at, by, reason: why },
      // What has not begun does not begin.
      runs: stored.body.runs.map(run => (run.state === 'queued' ? { ...run, state: 'interrupted', endedAt: at } : run)),
    };
    release.state = release.runs.at(-1)?.state ?? release.state;
    const changes: DocumentChange[] = [{ kind: RELEASE, id: stored.id, body: release, replaces: stored.revision }];
    const heads: Record<string, string | null> = {};
    const signals: Signal[] = [publishKey(product), releaseKey(product, version)].map(key => ({
      key,
      reason: `${version} was yanked`,
      urgent: true,
    }));
    // Wherever it has been, also where the configuration has no such environment at present.
    for (const environment of new Set(release.runs.map(run => run.environment))) {
      const id = channelId(product, release.line, environment);
      const channel = await documents.read<Channel>(CHANNEL, id);
      if (channel?.body.head !== version) continue;
      const yanked = await yankedOf(documents, product, channel.body);
      const moved = withdraw(channel.body, { version, at, by, why }, other => yanked.has(other));
      changes.push({ kind: CHANNEL, id, body: moved.channel, replaces: channel.revision });
      heads[environment] = moved.channel.head;
      signals.push(...headSignals({ product, line: release.line, environment }, version, moved.channel.head));
    }
    const done = await documents.submit({
      changes,
      signals,
      journal: [journalRow(operation, { yanked: why, heads })],
    });
    if (done) return { release, run: null };
  }
}

async function yankedOf(documents: Documents, product: string, channel: Channel): Promise<Set<string>> {
  const versions = [...new Set(channel.history.map(change => change.version))];
  const releases = await Promise.all(
    versions.map(version => documents.read<ReleaseDocument>(RELEASE, releaseId(product, version))),
  );
  const usable = new Set(releases.flatMap(each => (each && !each.body.yanked ? [each.body.version] : [])));
  // What retention has removed cannot be offered either.
  return new Set(versions.filter(version => !usable.has(version)));
}

async function addRun(
  operation: Operation,
  { documents, now }: OperationContext,
  plan: (release: ReleaseDocument) => Pick<ReleaseRun, 'environment' | 'how'> | null,
): Promise<OperationResult> {
  const { product, version, by, why } = operation;
  let added = false;
  const release = await documents.change<ReleaseDocument>(RELEASE, releaseId(product, version), current => {
    added = false;
    if (!current) throw notFound(operation);
    const run = plan(current);
    if (!run) return null;
    const open = current.runs.find(each => each.state === 'queued' || each.state === 'running');
    if (open) {
      const detail = `attempt ${open.attempt} for ${open.environment} is ${open.state}`;
      throw new SignalboxError('SBX_RELEASE_RUN_OPEN', `${version}: ${detail}`);
    }
    added = true;
    return {
      body: queueRun(current, { ...run, by, why, queuedAt: now() }),
      signals: [laneKey(product), releaseKey(product, version)].map(key => ({
        key,
        reason: `${run.how} by ${by}`,
        urgent: true,
      })),
      journal: [journalRow(operation, { ...run })],
    };
  });
  if (!release) throw notFound(operation);
  return { release, run: added ? (release.runs.at(-1) ?? null) : null };
}

function journalRow({ product, version, by, why }: Operation, data: { [name: string]: Json }) {
  return { kind: 'operator' as const, key: laneKey(product), data: { version, by, why, ...data } };
}

function wasReleasedIn(release: ReleaseDocument, environment: string): boolean {
  return release.runs.some(run => run.environment === environment && run.state === 'released');
}

function assertUsable(release: ReleaseDocument): void {
  if (release.yanked) throw new SignalboxError('SBX_RELEASE_YANKED', `${release.version}: ${release.yanked.reason}`);
  if (release.state === 'rejected') throw new SignalboxError('SBX_RELEASE_REJECTED', release.version);
}

/** The environment that a release must have been released in before this one; null for the first. */
function environmentBefore(environment: string, environments: readonly string[]): string | null {
  const at = environments.indexOf(environment);
  if (at < 0) {
    const detail = `${environment} is none of ${environments.join(', ')}`;
    throw new SignalboxError('SBX_RELEASE_ENVIRONMENT_UNKNOWN', detail);
  }
  return environments[at - 1] ?? null;
}

function notFound({ product, version }: Operation): SignalboxError {
  return new SignalboxError('SBX_RELEASE_NOT_FOUND', `${product} ${version}`);
}
