/** How a release came to be the head of a channel. */
export type HeadMove = 'released' | 'promoted' | 'rolled-back' | 'yanked';

export interface HeadChange {
  version: string;
  at: number;
  by: string;
  how: HeadMove;
  why: string | null;
}

/** A release line in an environment, such as `5.4/production`: what an update server offers there. */
export interface Channel {
  /** The version on offer, or null when every release was yanked. */
  head: string | null;
  /** Every release that came here, the newest last; those that never became the head among them. */
  arrivals: { version: string; at: number }[];
  /** Every change of the head, the newest last. */
  history: HeadChange[];
}

export interface MoveResult {
  channel: Channel;
  /** Whether the head is another one now. */
  moved: boolean;
  because: string;
}

export type CompareVersions = (a: string, b: string) => number;

const EMPTY: Channel = { head: null, arrivals: [], history: [] };
const HISTORY_KEPT = 500;

/**
 * A release has arrived in a channel. The head only ever goes up: an older one that comes late stays reachable and is
 * never offered.
 */
export function arrive(before: Channel | null, change: HeadChange, compare: CompareVersions): MoveResult {
  const channel = before ?? EMPTY;
  const arrivals = [
    ...channel.arrivals.filter(arrival => arrival.version !== change.version),
    { version: change.version, at: change.at },
  ].slice(-HISTORY_KEPT);
  const { head } = channel;
  if (head === change.version) {
    return { channel: { ...channel, arrivals }, moved: false, because: `${head} is the head already` };
  }
  if (head !== null && compare(change.version, head) <= 0) {
    return { channel: { ...channel, arrivals }, moved: false, because: `the head ${head} is not older` };
  }
  return setHead({ ...channel, arrivals }, change, head === null ? 'the first release here' : `newer than ${head}`);
}

/** A person puts an older release back on offer, against the order; it must have been here. */
export function rollBack(before: Channel | null, change: HeadChange): MoveResult {
  const channel = before ?? EMPTY;
  if (channel.head === change.version)
    return { channel, moved: false, because: `${change.version} is the head already` };
  if (!channel.arrivals.some(arrival => arrival.version === change.version)) {
    return { channel, moved: false, because: `${change.version} was never released here` };
  }
  return setHead(channel, change, `rolled back from ${channel.head ?? 'nothing'} by ${change.by}`);
}

/**
 * A release was withdrawn. Where it was the head, the one that was on offer before it is again; of those that were never
 * on offer, none is.
 */
export function withdraw(
  before: Channel,
  change: Omit<HeadChange, 'how'>,
  isYanked: (version: string) => boolean,
): MoveResult {
  if (before.head !== change.version) return { channel: before, moved: false, because: 'it is not the head' };
  const offered = before.history.map(({ version }) => version).toReversed();
  const next = offered.find(version => version !== change.version && !isYanked(version)) ?? null;
  const history = [...before.history, { ...change, version: next ?? change.version, how: 'yanked' as const }];
  const channel = { ...before, head: next, history: history.slice(-HISTORY_KEPT) };
  return { channel, moved: true, because: next === null ? 'nothing is left to offer' : `back to ${next}` };
}

function setHead(channel: Channel, change: HeadChange, because: string): MoveResult {
  const history = [...channel.history, change].slice(-HISTORY_KEPT);
  return { channel: { ...channel, head: change.version, history }, moved: true, because };
}
