import type { TagReport } from '../../automations/library-tags/report.ts';

/** A result for people. */
export function linesOf(report: TagReport, dryRun: boolean): string[] {
  const { action, tag, commit, reasons, warnings } = report;
  const at = commit.slice(0, 10);
  const head: Record<string, string> = {
    create: dryRun ? `would create ${tag} at ${at}` : `created ${tag} at ${at}`,
    exists: `exists: ${tag} at ${at}`,
    contained: `contained: ${at} is in ${report.contained_in}, so it gets no version`,
    skip: `skipped: no version for ${at}`,
    refuse: `refused: no version for ${at}`,
  };
  const module = report.module === null ? '' : ` (${report.module})`;
  return [
    `${head[action] ?? action}${module}`,
    ...reasons.map(reason => `  ${reason}`),
    ...warnings.map(warning => `  warning: ${warning}`),
  ].map(printable);
}

/** Reasons quote commits: what a terminal would take for a command, or a log for another line, is not printed. */
export function printable(line: string): string {
  return line.replace(/[\p{Cc}\u2028\u2029]/gu, ' ');
}
