import type { Decision, PlannedAction } from '../../../engine/automation.ts';
import type { CompareVersions } from '../channels/move-head.ts';

export interface KeptRelease {
  version: string;
  line: string;
  committedAt: number;
  pinned: boolean;
  /** A run of it is queued or running. */
  busy: boolean;
}

export interface KeptChannel {
  line: string;
  environment: string;
  head: string | null;
  /** Offered before the head. */
  before: string | null;
  arrivals: string[];
}

export interface RetentionFacts {
  product: string;
  releases: KeptRelease[];
  channels: KeptChannel[];
  /** Idempotency keys and used id_tokens that decide nothing any more. */
  outdated: number;
  /** Left in the store by uploads that were cut off. */
  orphans: number;
}

export interface RetentionRules {
  /** So many of each channel, and so many of each line that came to no channel. */
  releases: number;
  /** Milliseconds; younger ones stay whatever their number. */
  age: number | null;
}

export type RetentionAction = RemoveAction | ForgetAction | SweepAction;

export interface RemoveAction extends PlannedAction {
  type: 'remove';
  version: string;
}

/** Drops what is remembered of old requests. */
export interface ForgetAction extends PlannedAction {
  type: 'forget';
}

/** Empties what uploads that were cut off have left. */
export interface SweepAction extends PlannedAction {
  type: 'sweep';
}

const LOOK_AGAIN = 6 * 60 * 60_000;

/**
 * What is removed: never a head, nor what was on offer before it, nor what is pinned, young or being run; of the rest all
 * but the newest of each channel.
 */
export function decide(
  facts: RetentionFacts,
  rules: RetentionRules,
  compare: CompareVersions,
  now: number,
): Decision<RetentionAction> {
  const kept = new Set(facts.channels.flatMap(({ head, before }) => [head, before]));
  const newest = (versions: readonly string[]) => versions.toSorted(compare).toReversed().slice(0, rules.releases);
  for (const channel of facts.channels) for (const version of newest(channel.arrivals)) kept.add(version);
  const arrived = new Set(facts.channels.flatMap(channel => channel.arrivals));
  const elsewhere = Map.groupBy(
    facts.releases.filter(release => !arrived.has(release.version)),
    release => release.line,
  );
  for (const those of elsewhere.values())
    for (const version of newest(those.map(each => each.version))) kept.add(version);

  const removable = facts.releases.filter(release => {
    const young = rules.age !== null && now - release.committedAt < rules.age;
    return !kept.has(release.version) && !release.pinned && !release.busy && !young;
  });
  return {
    verdict:
      removable.length === 0 ? `all ${facts.releases.length} releases are kept` : `${removable.length} are removed`,
    because: [
      `${rules.releases} releases of each channel are kept${rules.age === null ? '' : `, and all younger than ${rules.age / 86_400_000} days`}`,
      'heads, what was on offer before them, pinned releases and those being run are never removed',
    ],
    actions: [
      ...removable.map(
        ({ version }): RemoveAction => ({ type: 'remove', version, summary: `remove ${facts.product} ${version}` }),
      ),
      ...(facts.outdated > 0 ? [forget(facts.outdated)] : []),
      ...(facts.orphans > 0 ? [sweep(facts.orphans)] : []),
    ],
    lookAgainAt: now + LOOK_AGAIN,
  };
}

function sweep(count: number): SweepAction {
  return { type: 'sweep', summary: `remove what ${count} uploads that were cut off have left` };
}

function forget(count: number): ForgetAction {
  return { type: 'forget', summary: `forget ${count} old requests and expired tokens` };
}
