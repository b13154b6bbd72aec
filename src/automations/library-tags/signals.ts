import type { Signal } from '../../engine/intake/delivery.ts';
import { isAsked } from '../../engine/work/asked.ts';
import type { GitLabEvent } from '../../gitlab/webhook/read-webhook.ts';
import { lineOfBranch } from './release-line.ts';
import { rulesOf } from './rules.ts';
import type { LibraryTagsSettings } from './settings.ts';

/** A branch's update as a reason names it: a hint where to look, believed only where the repository has it. */
export interface PushHint {
  branch: string;
  before: string | null;
  after: string | null;
}

/**
 * Which keys a push or a tag makes worth a look. The commits of a push go along in the reason, because several pushes become
 * one look, and each update is to have its version.
 */
export function libraryTagsSignals(event: GitLabEvent, settings: LibraryTagsSettings): Signal[] {
  if ((event.kind !== 'push' && event.kind !== 'tag') || event.project === null) return [];
  const rules = rulesOf(settings, event.project);
  if (rules === null || !rules.onPush) return [];
  const key = `library:${event.project}`;
  if (event.kind === 'tag') return [{ key, reason: `tag ${event.tag} was ${event.deleted ? 'deleted' : 'pushed'}` }];
  if (event.deleted) return [];
  return [{ key, reason: pushReason(event) }];
}

/** `push of 1234…..5678… to main` */
function pushReason({ before, after, branch }: PushHint): string {
  return `push of ${before ?? ''}..${after ?? ''} to ${branch}`;
}

/** The pushes that reasons speak of. */
export function readPushes(reasons: readonly string[]): PushHint[] {
  return reasons.flatMap(reason => {
    const match = /^push of ([0-9a-f]*)\.\.([0-9a-f]*) to (.+)$/s.exec(reason);
    return match ? [{ before: match[1] || null, after: match[2] || null, branch: match[3]! }] : [];
  });
}

/** Whether a person wants a look, by `signalbox replay` or the like: then nothing is held back. */
export function isWanted(reasons: readonly string[]): boolean {
  return isAsked(reasons) || reasons.includes('by hand');
}

/** Whether nothing comes of this look but its words. */
export function isPreview(reasons: readonly string[]): boolean {
  return reasons.includes('a preview');
}

/** Whether versions can come from this branch at all. */
export function isReleasing(branch: string, defaultBranch: string): boolean {
  return branch === defaultBranch || lineOfBranch(branch) !== null;
}
