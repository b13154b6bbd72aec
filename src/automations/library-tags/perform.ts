import { setTimeout as sleep } from 'node:timers/promises';
import type { Effect, Look } from '../../engine/automation.ts';
import type { Documents } from '../../engine/documents/documents.ts';
import type { Json } from '../../engine/json.ts';
import { SignalboxError } from '../../errors.ts';
import type { TagContent, Tagger } from '../../git-protocol/tag-object.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import { rememberModule } from './consumers/modules.ts';
import type { LibraryAction } from './decide-library.ts';
import type { LibraryFacts, LibraryMemory } from './facts.ts';
import { diagnose } from './job/diagnose.ts';
import type { GitLabAccess } from './job/gitlab-call.ts';
import { findTag } from './job/read-refs.ts';
import type { Refusal } from './job/tag-update.ts';
import { planWays, type Way } from './job/ways.ts';
import { answerJobs } from './keyless/jobs.ts';
import { announceTag, rememberTags } from './ledger.ts';
import { askAgain, openApi, openRemote } from './open-remote.ts';
import { rememberEffect } from './remember.ts';

export interface PerformContext {
  gitlab: GitLab;
  documents: Documents;
  tagger: Pick<Tagger, 'name' | 'email'>;
}

/** A replica that answers reads may lag behind the one that took the push. */
const READ_BACK = [0, 200, 1_000];

export function toEffect(
  action: LibraryAction,
  facts: LibraryFacts,
  look: Look<LibraryMemory>,
  context: PerformContext,
): Effect {
  if (action.type === 'remember') return rememberEffect(action.summary, facts, look.signal, context);
  if (action.type === 'answer') {
    const { summary, branch, commit, jobs, answer } = action;
    return {
      name: `answer:${branch}@${commit}`,
      summary,
      do: async () => {
        await answerJobs(context.documents, look.subject, jobs, answer, look.now());
        return { jobs: jobs.length };
      },
    };
  }
  const { tag: name, commit } = action;
  const find = async (): Promise<Json | undefined> => {
    const remote = await openRemote(context.gitlab, facts.project, look.signal);
    const there = await askAgain(() => findTag(remote, name, look.signal));
    return there?.peeled === commit ? { tag: name, commit, object: there.oid } : undefined;
  };
  return {
    name: `create:${name}@${commit}`,
    summary: action.summary,
    find,
    do: () =>
      create(action, facts, look, context).catch(async (error: unknown) => {
        await tellJobs(error, facts, look, context);
        throw error;
      }),
  };
}

/** Jobs that wait need not wait for what a person has to change first. */
async function tellJobs(error: unknown, facts: LibraryFacts, look: Look, { documents }: PerformContext): Promise<void> {
  if (!(error instanceof SignalboxError) || error.code !== 'SBX_TAG_NOT_PERMITTED') return;
  const failure = { code: error.code, detail: error.detail };
  const ids = facts.jobs.map(({ id }) => id);
  await answerJobs(documents, look.subject, ids, { failure }, look.now());
}

/**
 * Creates one tag and reads it back. Whatever the answer was, what counts is which commit the tag is on then; a tag on another
 * commit is left alone, and the next look takes the next number.
 *
 * @throws SignalboxError SBX_TAG_NOT_PERMITTED, with what would help; SBX_TAG_CONTESTED when somebody else took the name
 */
async function create(
  action: Extract<LibraryAction, { type: 'create' }>,
  facts: LibraryFacts,
  look: Look<LibraryMemory>,
  { gitlab, documents, tagger }: PerformContext,
): Promise<Json> {
  const { tag: name, commit, base, branch, message, module } = action;
  const { project, projectId } = facts;
  const remote = await openRemote(gitlab, project, look.signal);
  const api = openApi(gitlab, project);
  const ways = planWays(api.token, { push: remote, api });
  const tag: TagContent = { commit, name, message, tagger: { ...tagger, seconds: look.now() / 1000 } };
  await announceTag(documents, projectId, { name, commit, base, branch });
  if (module) {
    const { path, dir, prefix } = module;
    await rememberModule(documents, { path, dir, prefix, project, projectId });
  }
  const way = await createByOneOf(ways, tag, api);
  for (const delay of READ_BACK) {
    await sleep(delay);
    const there = await askAgain(() => findTag(remote, name, look.signal));
    if (!there) continue;
    if (there.peeled !== commit) {
      const detail = `${name} of ${project} was created on ${there.peeled.slice(0, 10)} by somebody else meanwhile`;
      throw new SignalboxError('SBX_TAG_CONTESTED', detail);
    }
    await rememberTags(documents, projectId, [[name, commit]]);
    return { tag: name, commit, object: there.oid, by: way };
  }
  throw new SignalboxError('SBX_REMOTE_UNCERTAIN', `${name} of ${project} was created and cannot be seen yet`);
}

/** Tries one way after the other until one of them is open to the token; a rule against the tag holds for all of them. */
async function createByOneOf(ways: readonly Way[], tag: TagContent, api: GitLabAccess): Promise<string> {
  const refusals: Refusal[] = [];
  for (const way of ways) {
    const result = await way.create(tag);
    if (result.outcome === 'created' || result.outcome === 'taken') return way.title;
    const { words, status } = result;
    if (result.outcome === 'failed') throw new SignalboxError('SBX_REMOTE_UNEXPECTED', `${way.title}: ${words}`);
    refusals.push({ way, tag: tag.name, words, status, byRule: result.outcome === 'forbidden' });
    if (result.outcome === 'forbidden') break;
  }
  const projectUrl = `${api.apiUrl.replace(/\/api\/v4$/, '')}/${api.project}`;
  const remedies = await diagnose(refusals, api, 'access', { login: null, projectUrl });
  throw new SignalboxError('SBX_TAG_NOT_PERMITTED', `${tag.name} of ${api.project}: ${remedies.join(' ')}`);
}
