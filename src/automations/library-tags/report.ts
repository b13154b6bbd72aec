import type { TaggedModule } from './job/tag-update.ts';

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
export function reportOf({
  module,
  decision,
  created,
  way,
}: Omit<TaggedModule, 'way'> & { way: { name: string } | null }): TagReport {
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

/** One object for all modules of a commit: that of the first which is not skipped, and all of them beside it. */
export function joinReports(reports: readonly TagReport[]): (TagReport & { modules?: readonly TagReport[] }) | null {
  const first = reports.find(({ action }) => action !== 'skip') ?? reports[0];
  if (!first) return null;
  return reports.length > 1 ? { ...first, modules: reports } : first;
}
