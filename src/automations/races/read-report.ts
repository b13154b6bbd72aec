import { type Fingerprint, type FingerprintOptions, fingerprintOf } from './fingerprint/fingerprint.ts';
import { titleOf } from './fingerprint/title.ts';
import { FRAMES_KEPT, LONGEST_TEXT, REPORTS_IN_TEXT } from './limits.ts';
import type { Confidence, RaceReport } from './parse/report.ts';
import { reportText } from './parse/report-text.ts';
import { redact } from './redact.ts';
import { createPipeline } from './scan/pipeline.ts';

/** One report as it was read out of what a box sent. */
export interface ReadReport {
  report: RaceReport;
  fingerprint: Fingerprint;
  title: string;
  confidence: Confidence;
  /** When it was logged, where the text says so. */
  time: number | null;
  /** To be shown: written anew, long stacks cut, without anything that looks like a secret. */
  text: string;
}

const WORST_LAST: readonly Confidence[] = ['complete', 'torn', 'truncated', 'mixed'];

/** The less trusting of two. */
function worse(a: Confidence, b: Confidence | null): Confidence {
  return b !== null && WORST_LAST.indexOf(b) > WORST_LAST.indexOf(a) ? b : a;
}

/**
 * Reads the reports in a text, whatever log format it has; none in prose. `confidence` is what the sender, who saw the
 * log around it, thinks of it: it can only lower ours.
 */
export function readReports(
  text: string,
  options: FingerprintOptions,
  context: { now: number; confidence: Confidence | null },
): ReadReport[] {
  return parse(text, new Date(context.now).getUTCFullYear())
    .slice(0, REPORTS_IN_TEXT)
    .map(report => {
      const fingerprint = fingerprintOf(report, options);
      return {
        report,
        fingerprint,
        title: redact(titleOf(report.type, report.detector, fingerprint.sites)).replace(/\p{Cc}/gu, '\u{fffd}'),
        confidence: worse(report.confidence, context.confidence),
        time: report.time,
        text: shownText(report),
      };
    });
}

/** The one report in a text that was stored. */
export function reportIn(text: string): RaceReport | null {
  return parse(text, 2000)[0] ?? null;
}

function parse(text: string, year: number): RaceReport[] {
  const pipeline = createPipeline(year);
  const reports: RaceReport[] = [];
  let offset = 0;
  for (const line of text.split('\n')) {
    const next = offset + Buffer.byteLength(line) + 1;
    reports.push(...pipeline.feed(line, offset, next).map(found => found.report));
    offset = next;
  }
  return [...reports, ...pipeline.flush().map(found => found.report)];
}

function shownText(report: RaceReport): string {
  let dropped = report.droppedFrames;
  const cut = <T extends { stack: RaceReport['accesses'][number]['stack'] }>(part: T): T => {
    dropped += Math.max(0, part.stack.length - FRAMES_KEPT);
    return { ...part, stack: part.stack.slice(0, FRAMES_KEPT) };
  };
  const accesses = report.accesses.map(cut);
  const creations = report.creations.map(cut);
  const text = redact(reportText({ ...report, accesses, creations, droppedFrames: dropped }));
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}\n…\n`;
}
