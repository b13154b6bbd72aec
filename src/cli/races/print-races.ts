import type { RaceGroup } from '../../automations/races/group.ts';
import type { ScanSummary } from '../../automations/races/scan/scan-options.ts';
import type { Filed } from './file-in-gitlab.ts';
import type { Sent } from './send-reports.ts';

/** So many new races are named after a scan; the list of races has them all. */
const NAMED = 10;

/** What one scan found, and what became of it. */
export interface ScanResult {
  races: readonly RaceGroup[];
  summary: ScanSummary;
  /** Null when nothing was to be sent. */
  sent: Sent | null;
  /** What became of the races, when they were filed from here. */
  filed: Filed[] | null;
  /** Nothing was sent, and this says why. */
  instead: 'dry-run' | 'baseline' | null;
}

/** The object that `races scan --json` prints. */
export function resultObject({ races, summary, sent, filed, instead }: ScanResult): object {
  const { files, bytes, unparsed, held, capped, unreadable } = summary;
  return {
    // Ids of single sightings say nothing to a reader, and are most of a flood's bytes.
    races: races.map(({ sightings: _sightings, ...race }) => race),
    files,
    bytes,
    unparsed,
    held,
    capped,
    unreadable,
    sent,
    ...(filed === null ? {} : { filed }),
    ...(instead === null ? {} : { [instead === 'baseline' ? 'baseline' : 'dry_run']: true }),
  };
}

/** The same for people, line by line. */
export function resultLines({ races, summary, sent, filed, instead }: ScanResult): string[] {
  const reports = races.reduce((sum, { count }) => sum + count, 0);
  const { files, bytes, unparsed, held, capped } = summary;
  const lines = races.flatMap(race => [`${String(race.count).padStart(6)} x  ${race.title}`, ...detailsOf(race)]);
  lines.push(
    `${plural(races.length, 'race')}, ${plural(reports, 'report')} in ${plural(files, 'file')}, ${megabytes(bytes)} read`,
  );
  if (unparsed > 0) lines.push(`${plural(unparsed, 'marker line')} followed by no report that could be read`);
  if (held > 0) lines.push(`${plural(held, 'unfinished report')} left for the next scan`);
  if (capped > 0) lines.push(`${plural(capped, 'report')} over the limit of a file left out`);
  if (filed !== null) lines.push(...filedLines(filed, instead === 'dry-run'));
  else if (sent !== null) lines.push(...sentLines(sent));
  if (instead === 'dry-run' && filed === null)
    lines.push(
      `dry run: ${plural(reports, 'report')} would be sent, ${plural(races.length, 'race')} filed or refreshed`,
    );
  if (instead === 'baseline') lines.push('baseline: nothing sent; all of this counts as known from now on');
  return lines.map(printable);
}

function sentLines({ reports, known, refused, races }: Sent): string[] {
  const before = known === 0 ? '' : `, ${known} of them counted before`;
  const lines = [`${plural(reports, 'report')} sent and acknowledged${before}`];
  const unseen = races.filter(race => race.new);
  if (unseen.length > 0) {
    const named = unseen.slice(0, NAMED).map(({ title }) => title);
    const more = unseen.length - named.length;
    lines.push(`new to the service: ${[...named, ...(more > 0 ? [`and ${more} more`] : [])].join('; ')}`);
  }
  if (refused > 0) lines.push(`in ${plural(refused, 'report')} the service found no race`);
  return lines;
}

function filedLines(filed: readonly Filed[], dryRun: boolean): string[] {
  return filed.flatMap(({ title, verdict, because, plan }) => [
    `${title}: ${verdict}`,
    ...because.map(reason => `  ${reason}`),
    ...plan.map(step => `  ${dryRun ? 'would' : 'did'}: ${step}`),
  ]);
}

function detailsOf({ fingerprint, confidence, first_seen, last_seen, files }: RaceGroup): string[] {
  const [file = '', ...more] = files;
  const when = first_seen === last_seen ? first_seen : `${first_seen} to ${last_seen}`;
  const where = more.length === 0 ? file : `${file} and ${more.length} more`;
  return [`          ${fingerprint}  ${confidence}  ${when}`, `          ${where}`];
}

/** Function and file names come out of logs, which others write: they get no hold of the terminal. */
export function printable(line: string): string {
  return line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

export function megabytes(bytes: number): string {
  return bytes < 1e6
    ? `${(bytes / 1e3).toFixed(1)} kB`
    : bytes < 1e9
      ? `${(bytes / 1e6).toFixed(1)} MB`
      : `${(bytes / 1e9).toFixed(2)} GB`;
}
