import { basename, dirname, join } from 'node:path';

/** A file name apart from its packing and its place in a rotation. */
export interface RotatedName {
  /** Path of the log that is written to now: `/var/log/app.log` for `/var/log/app.log.2.gz`. */
  live: string;
  /** 0 for the live log, larger for older ones; null for names that carry a date instead. */
  number: number | null;
  /** The date or time in the name, as it sorts; empty for the others. */
  date: string;
}

const PACKED = /\.(?:gz|zst)$/;
const NUMBER = /^(.+)\.(\d{1,4})$/;
// logrotate's dateext, and names like app-2026-11-20.log.
const DATE_BEHIND = /^(.+)[-.](\d{4}-?\d\d-?\d\d(?:[-T_]?\d{2,6})?)$/;
const OLD = /^(.+)\.(?:old|bak)$/;

/** Reads a path as logrotate and its relatives name things. */
export function rotatedName(path: string): RotatedName {
  const name = basename(path).replace(PACKED, '');
  const at = (base: string): string => join(dirname(path), base);
  const numbered = NUMBER.exec(name);
  if (numbered !== null) return { live: at(numbered[1] ?? name), number: Number(numbered[2]), date: '' };
  const dated = DATE_BEHIND.exec(name);
  if (dated !== null) return { live: at(dated[1] ?? name), number: null, date: dated[2] ?? '' };
  const old = OLD.exec(name);
  if (old !== null) return { live: at(old[1] ?? name), number: 1, date: '' };
  return { live: at(name), number: 0, date: '' };
}

/** Oldest first; of a log and its packed copy the log itself first. */
export function byAge(a: string, b: string): number {
  const [left, right] = [rotatedName(a), rotatedName(b)];
  if (left.number === null && right.number === null) {
    if (left.date !== right.date) return left.date < right.date ? -1 : 1;
  } else {
    const rank = (name: RotatedName): number => name.number ?? 0.5;
    if (rank(left) !== rank(right)) return rank(right) - rank(left);
  }
  return Number(PACKED.test(a)) - Number(PACKED.test(b)) || (a < b ? -1 : a > b ? 1 : 0);
}

/** Does `later` go on where `earlier` stops? */
export function continues(earlier: string, later: string): boolean {
  const [left, right] = [rotatedName(earlier), rotatedName(later)];
  if (left.number === null) return left.date !== right.date;
  return right.number !== null && right.number === left.number - 1;
}

/**
 * Puts files that are one log in the order it was written. A number behind the name is a rotation only beside the live
 * log: GORACE's `log_path=race` writes `race.4711`, where the number is a process and no age.
 */
export function familiesOf(paths: readonly string[], exists: (path: string) => boolean): Map<string, string[]> {
  const families = new Map<string, string[]>();
  for (const path of new Set(paths)) {
    const { live } = rotatedName(path);
    const family = live === path || exists(live) ? live : path;
    families.set(family, [...(families.get(family) ?? []), path]);
  }
  for (const files of families.values()) files.sort(byAge);
  return families;
}
