import { createHash } from 'node:crypto';
import type { Origin } from './decode/piece.ts';
import { type FingerprintOptions, fingerprintOf } from './fingerprint/fingerprint.ts';
import { titleOf } from './fingerprint/title.ts';
import type { Confidence, Detector, RaceReport } from './parse/report.ts';
import { reportText } from './parse/report-text.ts';
import type { Found } from './scan/pipeline.ts';

/** One report of one race in one log: what a box tells the service. */
export interface RaceSighting {
  /** The same for the same report, however often and under whichever name its file is read; 32 hexadecimal digits. */
  id: string;
  fingerprint: string;
  aliases: string[];
  /** Which of the race's stack pairs was seen. */
  variant: string;
  title: string;
  detector: Detector;
  type: string;
  sites: [string, string];
  /** One side is unknown: it may be a race that is already known, see groupSightings. */
  incomplete: boolean;
  confidence: Confidence;
  /** When it was logged, or at the latest when its file was written. */
  seenAt: string;
  file: string;
  /** Where it begins in the file, in bytes of its (unpacked) text. */
  offset: number;
  origin: Origin;
  /** The report in its detector's own grammar, without anything foreign. */
  text: string;
  report: RaceReport;
}

/** Where a report was found. */
export interface Source {
  file: string;
  /** The log without its rotation's suffix: `app.log` for `app.log.2.gz`. */
  family: string;
  /** How many logs of that name there were before this one. */
  generation: number;
  /** When the file was last written, in milliseconds since 1970; stands in for a time the log does not give. */
  writtenAt: number;
}

/** Makes a sighting of a report. */
export function sightingOf(found: Found, source: Source, options: FingerprintOptions): RaceSighting {
  const { report, origin } = found;
  const { key, aliases, sites, incomplete, variant } = fingerprintOf(report, options);
  const text = reportText(report);
  // A stream has no beginning to count from: of what is piped in again tomorrow, the part that was there today stands elsewhere.
  const place = source.family === '-' && report.time !== null ? `at ${report.time}` : report.start;
  const id = createHash('sha256')
    .update([source.family, source.generation, place, text].join('\0'))
    .digest('hex')
    .slice(0, 32);
  return {
    id,
    fingerprint: key,
    aliases,
    variant,
    sites,
    incomplete,
    origin,
    text,
    report,
    title: titleOf(report.type, report.detector, sites),
    detector: report.detector,
    type: report.type,
    confidence: report.confidence,
    file: source.file,
    offset: report.start,
    seenAt: new Date(report.time ?? source.writtenAt).toISOString(),
  };
}
