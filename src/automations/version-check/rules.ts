import type { VersionCheckRules } from './facts.ts';
import type { VersionCheckProject, VersionCheckSettings } from './settings.ts';

export interface Line {
  name: string;
  branch: string;
}

export interface VersionCheckOptions {
  settings: VersionCheckSettings;
  /** The common lines, newest first; a project may have its own. */
  lines: readonly Line[];
}

/** A project's settings, as the decision wants them. */
export function toRules(project: VersionCheckProject, lines: readonly Line[]): VersionCheckRules {
  return {
    lines: [...(project.lines ?? lines)],
    gate: project.gate,
    overrideRole: project.override.role,
    onDraft: project.on_draft,
    unknown: project.unknown,
    forwardMerge: project.forward_merge,
    forwardMergeLabel: project.forward_merge_label,
    bumpPaths: project.bump_paths,
    excludeFiles: project.exclude_files,
    versionFiles: project.version.flatMap(place => (place.from === 'file' ? [place.file] : [])),
  };
}
