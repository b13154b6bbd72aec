import { SignalboxError } from '../../../errors.ts';
import { createTag } from '../../../git-protocol/create-tag.ts';
import type { Remote } from '../../../git-protocol/remote.ts';
import { encodeTag, type TagContent, tagId } from '../../../git-protocol/tag-object.ts';
import { callGitLab, type GitLabAccess, type Token } from './gitlab-call.ts';

/** The ways to create a tag: a git push, POST /repository/tags, POST /releases. None can move or delete one. */
export const WAYS = ['push', 'tags', 'releases'] as const;
export type WayName = (typeof WAYS)[number];

/**
 * What became of it. `taken`: the name exists, or another job was faster. `not-allowed`: this way is closed to the token, so the
 * next one is worth trying. `forbidden`: a rule or hook says no, and would say so on every way. `failed`: anything else
 * that the server reports; what it did is found out by looking.
 */
export type WayResult =
  | { outcome: 'created'; oid: string | null }
  | { outcome: 'taken' | 'not-allowed' | 'forbidden' | 'failed'; words: string; status: number | null };

export interface Way {
  name: WayName;
  /** For the plan that people read. */
  title: string;
  create(tag: TagContent): Promise<WayResult>;
}

/**
 * The ways that the token may have, in the order they are tried. A push is first: only there the server itself compares
 * that the tag is new, our own tagger is kept, and one request is enough. A job token cannot use the Tags API, and may
 * make releases on every version of GitLab, which makes an annotated tag as well.
 */
export function planWays(
  token: Token,
  targets: { push: Remote; api: GitLabAccess | null },
  wanted: readonly WayName[] = WAYS,
): Way[] {
  const { push, api } = targets;
  const ways: Way[] = [{ name: 'push', title: 'git push', create: tag => createByPush(push, tag) }];
  if (api && token.kind === 'access') {
    ways.push({ name: 'tags', title: 'Tags API', create: tag => createByTagsApi(api, tag) });
  }
  if (api && token.kind === 'job') {
    ways.push({
      name: 'releases',
      title: 'Releases API, with a release',
      create: tag => createByRelease(api, tag),
    });
  }
  return ways.filter(({ name }) => wanted.includes(name));
}

/** GitLab says 404 to a job token where it means 403. */
const CLOSED: ReadonlySet<number> = new Set([401, 403, 404]);
const RULE = /protected/i;

async function createByPush(remote: Remote, tag: TagContent): Promise<WayResult> {
  try {
    const result = await createTag(remote, tag);
    if (result.outcome === 'created') return result;
    const words = [result.reason, result.words].filter(Boolean).join(': ');
    const outcome = { conflict: 'taken', denied: 'forbidden', failed: 'failed' } as const;
    return { outcome: outcome[result.outcome], words, status: null };
  } catch (error) {
    if (!(error instanceof SignalboxError) || error.code !== 'SBX_REMOTE_REFUSED') throw error;
    const status = error.remoteStatus ?? null;
    const closed = status !== null && CLOSED.has(status);
    return { outcome: closed ? 'not-allowed' : 'failed', words: error.detail, status };
  }
}

/** Every refusal is a 400 of which only the words say what it is; the documentation's 405 never comes. */
async function createByTagsApi(api: GitLabAccess, tag: TagContent): Promise<WayResult> {
  const answer = await callGitLab(api, 'POST', '/repository/tags', {
    tag_name: tag.name,
    ref: tag.commit,
    message: tag.message,
  });
  if (answer.status === 201) return { outcome: 'created', oid: textAt(answer.body, 'target') };
  return { ...readRefusal(answer.status, answer.words), words: answer.words, status: answer.status };
}

/**
 * A release takes an existing tag of that name on whatever commit it is (GitLab's `existing_tag || create_tag`), without an
 * error: so a release of another commit is no success. Nothing is deleted then; the next number is for us.
 */
async function createByRelease(api: GitLabAccess, tag: TagContent): Promise<WayResult> {
  const answer = await callGitLab(api, 'POST', '/releases', {
    tag_name: tag.name,
    ref: tag.commit,
    tag_message: tag.message,
    name: tag.name,
  });
  if (answer.status !== 201) {
    return { ...readRefusal(answer.status, answer.words), words: answer.words, status: answer.status };
  }
  const commit = (answer.body as { commit?: unknown } | null)?.commit;
  const id = textAt(commit, 'id');
  if (id === tag.commit) return { outcome: 'created', oid: null };
  return {
    outcome: 'taken',
    words: `${tag.name} was created on another commit meanwhile (${id ?? 'unknown'}); GitLab added a release to it`,
    status: 201,
  };
}

function readRefusal(status: number, words: string): { outcome: 'taken' | 'not-allowed' | 'forbidden' | 'failed' } {
  if (status === 409 || /already exists/i.test(words)) return { outcome: 'taken' };
  if (CLOSED.has(status)) return { outcome: RULE.test(words) ? 'forbidden' : 'not-allowed' };
  return { outcome: 'failed' };
}

function textAt(body: unknown, key: string): string | null {
  const value = ((body ?? {}) as Record<string, unknown>)[key];
  return typeof value === 'string' ? value : null;
}

/** The object id that a push of this tag gives it: equal content has an equal id, so ours can be told from another's. */
export function ownTagId(remote: Remote, tag: TagContent): string {
  return tagId(remote.objectFormat, encodeTag(tag));
}
