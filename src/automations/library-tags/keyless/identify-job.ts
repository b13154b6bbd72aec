import { SignalboxError } from '../../../errors.ts';
import type { Identity, IdTokenCheck, IdTokenRule } from '../../../gitlab/id-token/check-id-token.ts';
import { type LibraryRules, rulesOf } from '../rules.ts';
import type { LibraryTagsSettings } from '../settings.ts';

/** Who asks, and for which commit: all of it is what GitLab has signed, nothing is what the job says of itself. */
export interface KeylessJob {
  project: string;
  rules: LibraryRules;
  commit: string;
  /** Null in the pipelines of tags and merge requests. */
  branch: string | null;
  token: { id: string; expiresAt: number };
}

export interface KeylessAccess {
  settings: LibraryTagsSettings;
  check: IdTokenCheck;
  rule: IdTokenRule & { refProtected: boolean };
}

/**
 * Reads a job's id_token.
 *
 * @throws SignalboxError SBX_TAG_NOT_AUTHENTIC for a token that is none of ours; SBX_TAG_NOT_ALLOWED for a genuine one of a
 *   pipeline that may not have a tag from us; SBX_IDENTITY_UNAVAILABLE
 */
export async function identifyJob(
  credential: string | undefined,
  { settings, check, rule }: KeylessAccess,
): Promise<KeylessJob> {
  if (credential === undefined) throw new SignalboxError('SBX_TAG_NOT_AUTHENTIC', 'the request carries no id_token');
  const identity = await check(credential, [rule]);
  const { project, ref, refProtected } = identity;
  const rules = rulesOf(settings, project);
  if (!rules) throw notAllowed(`library_tags.projects has no ${project}`);
  if (rule.refProtected && !refProtected) {
    throw notAllowed(
      `${ref ?? 'the ref'} of ${project} is not protected, and library_tags.keyless.ref_protected is on`,
    );
  }
  return { project, rules, commit: commitOf(identity), branch: branchOf(identity), token: identity };
}

function commitOf({ commit }: Identity<IdTokenRule>): string {
  if (commit !== null && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) return commit;
  throw new SignalboxError('SBX_TAG_NOT_AUTHENTIC', 'the id_token names no commit; GitLab 16.0 and newer name it');
}

function branchOf({ ref, refType, pipelineSource }: Identity<IdTokenRule>): string | null {
  // The ref of a merge request's pipeline is the source branch, and its commit may be one that never lands.
  if (refType === 'tag' || pipelineSource === 'merge_request_event') return null;
  if (ref !== null && ref !== '') return ref;
  throw new SignalboxError('SBX_TAG_NOT_AUTHENTIC', 'the id_token names no branch');
}

function notAllowed(detail: string): SignalboxError {
  return new SignalboxError('SBX_TAG_NOT_ALLOWED', detail);
}
