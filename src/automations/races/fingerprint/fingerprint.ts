import { createHash } from 'node:crypto';
import type { Frame, RaceReport } from '../parse/report.ts';
import { cppName } from './cpp-names.ts';
import { goName } from './go-names.ts';
import { type SiteOptions, sitesOf, UNKNOWN_SITE } from './site.ts';

export interface FingerprintOptions extends SiteOptions {
  /** The project the race is filed in: equal names in two products are two races. */
  project: string;
}

export interface Fingerprint {
  /** 32 hexadecimal digits; what `race:<fingerprint>` and the hidden marker carry. */
  key: string;
  /** Keys under which the same race may already be filed: other versions of the rule, or fewer look-throughs. */
  aliases: string[];
  /** The two sides, sorted. */
  sites: [string, string];
  /** A side is unknown: the race may be one that is already known. */
  incomplete: boolean;
  /** Which of the race's stack pairs this is; a race has many. 16 hexadecimal digits. */
  variant: string;
}

const digest = (parts: readonly string[], length: number): string =>
  createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, length);

/** Version 1 of the key: project, detector and the unordered pair of sites. */
export function keyV1(project: string, detector: string, sites: readonly string[]): string {
  return digest(['race', 'v1', project, detector, ...[...sites].sort()], 32);
}

function variantOf(report: RaceReport): string {
  const names = { go: ({ func }: Frame) => goName(func), tsan: cppName, kcsan: ({ func }: Frame) => func };
  const name = names[report.detector];
  return digest(report.accesses.map(({ stack }) => stack.map(name).join('\n')).sort(), 16);
}

/** Identifies the race that a report is about; independent of lines, addresses, order and box. */
export function fingerprintOf(report: RaceReport, options: FingerprintOptions): Fingerprint {
  const [a, b] = sitesOf(report, options).sort();
  const sites: [string, string] = [a ?? UNKNOWN_SITE, b ?? UNKNOWN_SITE];
  const key = keyV1(options.project, report.detector, sites);
  const unchanged = options.lookThrough.length === 0;
  const plain = unchanged ? key : keyV1(options.project, report.detector, sitesOf(report, { lookThrough: [] }));
  // A race of unknown origin is complete by its kind; its other side is not missing from the text.
  const incomplete = sites.includes(UNKNOWN_SITE) && report.detector !== 'kcsan';
  return { key, aliases: plain === key ? [] : [plain], sites, incomplete, variant: variantOf(report) };
}
