/** What bounds the work and the noise that logs, which are written by others, can make. */

/** Pairs of box and build counted apart for one race; what comes beyond is counted under a build of this name. */
export const MOST_CELLS = 500;
export const OTHER_BUILDS = '(other builds)';
/** Stack pairs counted apart for one race, and those of them whose text is kept. */
export const MOST_VARIANTS = 50;
export const TEXTS_KEPT = 5;
/** Days whose sightings are counted apart for one race. */
export const DAYS_KEPT = 60;
/** Of one stored report; frames per stack, and characters in all. */
export const FRAMES_KEPT = 60;
export const LONGEST_TEXT = 16 * 1024;
/** Reports read out of one text; the rest is left. */
export const REPORTS_IN_TEXT = 100;
/** Report ids are remembered this long, in days. */
export const SEEN_DAYS = 180;
/** GitLab refuses the 5,000th note of an issue; people need some of them, too. */
export const MOST_NOTES = 4_000;
/** Edits of one issue's status a day that are made at once; after them one an hour. */
export const EDITS_AT_ONCE = 5;
const HOUR = 3_600_000;

/** How often the status of an issue was edited on a day. */
export interface Edits {
  day: string;
  count: number;
  lastAt: number;
}

/** When the next edit may be made: now, or later today. Each edit leaves a line in the history. */
export function nextEditAt(edits: Edits | null, today: string, now: number): number {
  if (edits === null || edits.day !== today || edits.count < EDITS_AT_ONCE) return now;
  return Math.max(now, edits.lastAt + HOUR);
}

export function countEdit(edits: Edits | null, today: string, now: number): Edits {
  return { day: today, count: edits?.day === today ? edits.count + 1 : 1, lastAt: now };
}

/** The day in a time zone, `2026-11-23`. */
export function dayIn(zone: string, time: number): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    time,
  );
}
