import { matchesPattern } from '../../gitlab/client/list-projects.ts';
import type { LibraryTagsSettings } from './settings.ts';
import { DEFAULT_LABELS, type Policy } from './snapshot.ts';

/** What holds for one library. */
export interface LibraryRules {
  policy: Policy;
  onPush: boolean;
  release: boolean;
  note: boolean;
  /** Who uses the libraries, as patterns of projects, and how long after a tag they are told, ms. */
  consumers: { projects: readonly string[]; wait: number };
}

/** The rules of a project, overrides applied; null where the project is no configured library. */
export function rulesOf(settings: LibraryTagsSettings, project: string): LibraryRules | null {
  if (!settings.projects.some(pattern => matchesPattern(project, pattern))) return null;
  const overrides = Object.entries(settings.overrides)
    .filter(([pattern]) => matchesPattern(project, pattern))
    .map(([, override]) => override);
  const rules: LibraryTagsSettings = Object.assign({}, settings, ...overrides);
  const { first, bump, on_push, release, note, late, unchanged, labels } = rules;
  return {
    policy: {
      bump: bump ?? 'patch',
      ...(first === undefined ? {} : { first }),
      ...(late === undefined ? {} : { late }),
      ...(unchanged === undefined ? {} : { unchanged }),
      labels: {
        major: labels?.major ?? DEFAULT_LABELS.major,
        minor: labels?.minor ?? DEFAULT_LABELS.minor,
        patch: labels?.patch ?? DEFAULT_LABELS.patch,
        none: labels?.none ?? DEFAULT_LABELS.none,
      },
    },
    onPush: on_push ?? true,
    release: release ?? false,
    note: note ?? false,
    consumers: settings.consumers ?? { projects: [], wait: 0 },
  };
}
