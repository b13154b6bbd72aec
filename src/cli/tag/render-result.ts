import type { TaggedModule } from '../../automations/library-tags/job/tag-update.ts';

/** What `--json` prints of a module; of several, the first that is not skipped, and each of them in `modules`. */
export interface TagReport {
  action: string;
  tag: string | null;
  base: string | null;
  bump: string | null;
  commit: string;
  reasons: readonly string[];
  warnings: readonly string[];
  contained_in: string | null;
  created: boolean;
  /** The module's path; null in a repository without Go. */
  module: string | null;
  /** By which way it was created. */
  way: string | null;
}

/** The result of one module, in the words of the interface. */
export function reportOf({ module, decision, created, way }: TaggedModule): TagReport {
  const { action, tag, base, bump, commit, reasons, warnings, containedIn } = decision;
  return {
    action,
    tag,
    base,
    bump,
    commit,
    reasons,
    warnings,
    contained_in: containedIn,
    created,
    module: module?.path ?? null,
    way: way?.name ?? null,
  };
}

/** The same for people. */
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
