import type { Extraction, Found, Missed } from './extraction.ts';

/** One place that was looked at. `place` is for people: `VERSION`, `branch release/5.3`. */
export interface Attempt {
  place: string;
  result: Extraction;
}

export type Picked =
  | { ok: true; place: string; found: Found }
  | { ok: false; reason: Missed['reason'] | 'disagree'; detail: string; attempts: readonly Attempt[] };

/**
 * The version out of the attempts, in the order of the settings: the first that has one counts, and a place without
 * falls through to the next.
 *
 * @param components with `mustAgree`, all places that have a version must be in the same line of so many numbers
 */
export function pickVersion(attempts: readonly Attempt[], options: { mustAgree: boolean; components: number }): Picked {
  const found = attempts.flatMap(({ place, result }) => (result.ok ? [{ place, found: result }] : []));
  const [first] = found;
  if (first === undefined) {
    const missed = attempts.flatMap(({ place, result }) => (result.ok ? [] : [{ place, result }]));
    // The reason that says most: a file that is there and unreadable tells more than one that is not there.
    const telling = missed.find(({ result }) => result.reason !== 'not-found') ?? missed[0];
    const detail = missed.map(({ place, result }) => `${place}: ${result.detail}`).join('; ');
    return { ok: false, reason: telling?.result.reason ?? 'not-found', detail, attempts };
  }
  const line = first.found.line(options.components);
  const other = options.mustAgree ? found.find(each => each.found.line(options.components) !== line) : undefined;
  if (other === undefined) return { ok: true, ...first };
  const detail = `${first.place} says ${first.found.version}, ${other.place} says ${other.found.version}`;
  return { ok: false, reason: 'disagree', detail, attempts };
}
