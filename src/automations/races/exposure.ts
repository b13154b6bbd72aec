import type { RacesSettings } from './settings.ts';
import type { BoxDocument, Session } from './store.ts';

/** What a box says about its running, in milliseconds since 1970. */
export interface Heartbeat {
  build: string | null;
  race: boolean;
  startedAt: number | null;
  /** For how long it has been running, in milliseconds; stands in for `startedAt`. */
  running: number | null;
}

/** Two heartbeats of one run may differ by this much in when it began. */
const SAME_START = 10 * 60_000;
const SESSIONS_KEPT = 100;

/** Adds a heartbeat to what is known of a box; the same one twice changes nothing but when it was last heard of. */
export function heard(box: BoxDocument, heartbeat: Heartbeat | null, now: number): BoxDocument {
  const next = { ...box, lastHeardAt: Math.max(box.lastHeardAt, now) };
  if (heartbeat === null) return next;
  const { build, race, running } = heartbeat;
  const startedAt = Math.min(now, heartbeat.startedAt ?? now - (running ?? 0));
  const endedAt = running === null ? now : Math.min(now, startedAt + running);
  const same = (session: Session): boolean =>
    session.build === build && session.race === race && Math.abs(session.startedAt - startedAt) <= SAME_START;
  const known = box.sessions.find(same);
  const session: Session = known
    ? { ...known, endedAt: Math.max(known.endedAt, endedAt) }
    : { build, race, startedAt, endedAt };
  const others = box.sessions.filter(each => each !== known);
  const sessions = [...others, session].toSorted((a, b) => a.startedAt - b.startedAt).slice(-SESSIONS_KEPT);
  return { ...next, sessions };
}

/** Milliseconds that boxes ran with the race detector after `since`, on builds that `counts` accepts. */
export function runningTime(
  boxes: readonly BoxDocument[],
  since: number,
  counts: (build: string | null) => boolean,
): number {
  return boxes
    .flatMap(box => box.sessions)
    .filter(session => session.race && counts(session.build))
    .reduce((sum, { startedAt, endedAt }) => sum + Math.max(0, endedAt - Math.max(startedAt, since)), 0);
}

export interface QuietBox {
  box: string;
  why: 'silent' | 'without the race detector' | 'not heard of yet';
  /** Null where it was never heard of. */
  since: number | null;
}

/**
 * Boxes from which silence is no clean bill: not heard of for long, or never, though `sources` names them, or running
 * without the race detector.
 */
export function quietBoxes(
  boxes: readonly BoxDocument[],
  {
    sources,
    silent_after: silentAfter,
  }: Pick<RacesSettings, 'silent_after'> & { sources: readonly { name: string }[] },
  now: number,
): QuietBox[] {
  const unheard = sources.filter(({ name }) => !boxes.some(box => box.source === name));
  const never = unheard.map(({ name }): QuietBox => ({ box: name, why: 'not heard of yet', since: null }));
  const quiet = boxes.flatMap((box): QuietBox[] => {
    const name = nameOf(box);
    if (now - box.lastHeardAt >= silentAfter) return [{ box: name, why: 'silent', since: box.lastHeardAt }];
    const last = box.sessions.at(-1);
    if (last?.race === false) return [{ box: name, why: 'without the race detector', since: last.startedAt }];
    return [];
  });
  return [...quiet, ...never];
}

export function nameOf({ source, host }: Pick<BoxDocument, 'source' | 'host'>): string {
  return source === host ? host : `${source}/${host}`;
}
