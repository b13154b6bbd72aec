import type { CommitInfo, FileAction, FileDiff } from '../../git/repository.ts';
import { badParameter, badRequest, forbidden, notFound, refuse } from '../http/api-error.ts';
import { type Answer, type Call, created, ok } from '../http/call.ts';
import { bool, demand, oneOf, requiredText, text } from '../http/input.ts';
import { offsetPage, pageOf, pageUrl } from '../http/paginate.ts';
import { presentCommit, presentCommitDetail } from '../present/commit.ts';
import { presentMergeRequest } from '../present/merge-request.ts';
import { projectUrl } from '../present/urls.ts';
import { actorOf, codeProjectOf } from '../state/access.ts';
import { actingAs } from '../state/acting.ts';
import { ACCESS, type ProjectRecord } from '../state/records.ts';
import { mayPush } from './branches.ts';
import { asRefusal, contentOf } from './files.ts';

/** Without x-total: GitLab does not count commits. */
export async function listCommits(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  const { input } = call;
  const { page, perPage } = pageOf(call);
  const revision = text(input, 'ref_name') ?? project.defaultBranch;
  const range = /^(.+?)\.\.\.?(.+)$/.exec(revision);
  if (range === null && (await project.repository.resolve(revision)) === null && bool(input, 'all') !== true) {
    if ((await project.repository.branches()).length === 0) return ok([]);
    throw notFound('Commit');
  }
  const commits = await project.repository.log({
    revision,
    path: text(input, 'path') ?? undefined,
    author: text(input, 'author') ?? undefined,
    since: text(input, 'since') ?? undefined,
    until: text(input, 'until') ?? undefined,
    all: bool(input, 'all') ?? undefined,
    firstParent: bool(input, 'first_parent') ?? undefined,
    order: oneOf<'default' | 'topo'>(input, 'order', ['default', 'topo']) ?? undefined,
    skip: (page - 1) * perPage,
    limit: perPage + 1,
  });
  const shown = commits.slice(0, perPage);
  const stats = bool(input, 'with_stats') === true;
  const body = await Promise.all(
    shown.map(async commit => ({
      ...presentCommit(call.world, project, commit),
      ...(stats ? { stats: await project.repository.stats(commit.sha) } : {}),
    })),
  );
  const link = (rel: string, target: number) => `<${pageUrl(call, { page: target, per_page: perPage })}>; rel="${rel}"`;
  const more = commits.length > perPage;
  return ok(body, {
    link: [
      ...(page > 1 ? [link('prev', page - 1)] : []),
      ...(more ? [link('next', page + 1)] : []),
      link('first', 1),
    ].join(', '),
    'x-next-page': more ? String(page + 1) : '',
    'x-page': String(page),
    'x-per-page': String(perPage),
    'x-prev-page': page > 1 ? String(page - 1) : '',
  });
}

export async function commitOf(call: Call, project: ProjectRecord): Promise<CommitInfo> {
  const commit = await project.repository.commit(call.params['sha'] ?? '');
  if (commit === null) throw notFound('Commit');
  return commit;
}

export async function getCommit(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  const commit = await commitOf(call, project);
  return ok(await presentCommitDetail(call.world, project, commit, bool(call.input, 'stats') !== false));
}

export async function postCommit(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  const actor = actorOf(call);
  const { input } = call;
  demand(input, 'branch', 'commit_message');
  const branch = requiredText(input, 'branch');
  if (!mayPush(call, project, branch, call.user)) throw forbidden('You are not allowed to push into this branch');
  const actions = input['actions'];
  if (!Array.isArray(actions) && input['allow_empty'] === undefined) throw badParameter('actions is missing');
  const start = text(input, 'start_sha') ?? text(input, 'start_branch');
  try {
    const commit = await actingAs(actor, () =>
      project.repository.commitFiles({
        branch,
        ...(start === null ? {} : { startRevision: start }),
        force: bool(input, 'force') ?? false,
        message: requiredText(input, 'commit_message'),
        author: {
          name: text(input, 'author_name') ?? actor.user.name,
          email: text(input, 'author_email') ?? actor.user.email,
        },
        committer: { name: actor.user.name, email: actor.user.email },
        actions: (Array.isArray(actions) ? actions : []).map(action => actionOf(action as Record<string, unknown>)),
      }),
    );
    return created(await presentCommitDetail(call.world, project, commit, bool(input, 'stats') !== false));
  } catch (error) {
    throw asRefusal(error);
  }
}

function actionOf(input: Record<string, unknown>): FileAction {
  const action = oneOf(input, 'action', ['create', 'update', 'delete', 'move', 'chmod']);
  if (action === null) throw badParameter('actions[0][action] is missing');
  const content = input['content'] === undefined ? undefined : contentOf(input);
  if (content === undefined && (action === 'create' || action === 'update'))
    throw badParameter('actions[0][content] is missing');
  return {
    action,
    path: requiredText(input, 'file_path'),
    previousPath: text(input, 'previous_path') ?? undefined,
    content,
    executable: bool(input, 'execute_filemode') ?? undefined,
    lastCommitId: text(input, 'last_commit_id') ?? undefined,
  };
}

export function presentDiff(diff: FileDiff): Record<string, unknown> {
  return {
    diff: diff.diff,
    collapsed: false,
    too_large: false,
    new_path: diff.newPath,
    old_path: diff.oldPath,
    a_mode: diff.aMode,
    b_mode: diff.bMode,
    new_file: diff.newFile,
    renamed_file: diff.renamedFile,
    deleted_file: diff.deletedFile,
    generated_file: null,
  };
}

export async function getCommitDiff(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  const commit = await commitOf(call, project);
  const diffs = await project.repository.diff(commit.parentShas[0] ?? '0'.repeat(40), commit.sha);
  return offsetPage(call, diffs, presentDiff);
}

export async function getCommitRefs(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  const commit = await commitOf(call, project);
  const type = oneOf(call.input, 'type', ['branch', 'tag', 'all']) ?? 'all';
  const refs = (await project.repository.refsContaining(commit.sha)).filter(ref => type === 'all' || ref.type === type);
  return offsetPage(call, refs, ref => ({ type: ref.type, name: ref.name }));
}

export async function getCommitMergeRequests(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  const commit = await commitOf(call, project);
  const found = [];
  for (const item of project.mergeRequests.values()) {
    const diff = item.diffs.at(-1);
    const inside =
      item.headSha === commit.sha || item.mergeCommitSha === commit.sha || item.squashCommitSha === commit.sha;
    if (inside || (diff !== undefined && (await contains(project, diff.baseSha, diff.headSha, commit.sha))))
      found.push(item);
  }
  return offsetPage(call, found, item => presentMergeRequest(call.world, project, item));
}

async function contains(project: ProjectRecord, base: string, head: string, sha: string): Promise<boolean> {
  const { repository } = project;
  return (await repository.isAncestor(sha, head)) && !(await repository.isAncestor(sha, base));
}

/** Cherry-pick and revert: a new commit on a branch, or 400 with why not. */
export function applyCommit(kind: 'cherryPick' | 'revert'): (call: Call) => Promise<Answer> {
  return async call => {
    const project = codeProjectOf(call, ACCESS.developer);
    const actor = actorOf(call);
    const branch = requiredText(call.input, 'branch');
    const commit = await commitOf(call, project);
    if ((await project.repository.resolve(`refs/heads/${branch}`)) === null) throw notFound('Branch');
    if (!mayPush(call, project, branch, call.user)) throw forbidden();
    const dryRun = bool(call.input, 'dry_run') ?? false;
    try {
      const result = await actingAs(actor, () =>
        project.repository[kind]({
          commit: commit.sha,
          branch,
          author: { name: actor.user.name, email: actor.user.email },
          message: text(call.input, 'message') ?? undefined,
          dryRun,
        }),
      );
      return dryRun ? ok({ dry_run: 'success' }) : created(presentCommit(call.world, project, result));
    } catch (error) {
      const verb = kind === 'revert' ? 'revert' : 'cherry-pick';
      if (asRefusal(error) === error) throw error;
      const body = {
        message: `Sorry, we cannot ${verb} this commit automatically. This commit may already have been ${kind === 'revert' ? 'reverted' : 'cherry-picked'}, or a more recent commit may have updated some of its content.`,
        error_code: (error as { kind?: string }).kind === 'empty' ? 'empty' : 'conflict',
      };
      throw Object.assign(refuse(400, body.message), { body });
    }
  };
}

export async function mergeBase(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  demand(call.input, 'refs');
  const refs = call.input['refs'];
  const names = Array.isArray(refs) ? refs.map(String) : [String(refs)];
  if (names.length < 2) throw badRequest('Provide at least 2 refs');
  const unknown = [];
  for (const name of names) if ((await project.repository.resolve(name)) === null) unknown.push(name);
  if (unknown.length > 0)
    throw refuse(400, `Could not find ref${unknown.length === 1 ? '' : 's'}: ${unknown.join(', ')}`);
  const base = await project.repository.mergeBase(names);
  const commit = base === null ? null : await project.repository.commit(base);
  if (commit === null) throw notFound('Merge Base');
  return ok(presentCommit(call.world, project, commit));
}

export async function compare(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  demand(call.input, 'from', 'to');
  const [from, to] = [requiredText(call.input, 'from'), requiredText(call.input, 'to')];
  const { repository } = project;
  const [fromSha, toSha] = [await repository.resolve(from), await repository.resolve(to)];
  if (fromSha === null || toSha === null) throw notFound('Ref');
  const straight = bool(call.input, 'straight') === true;
  const base = straight ? fromSha : await repository.mergeBase([fromSha, toSha]);
  if (base === null) throw notFound('Merge Base');
  const commits = await repository.log({ revision: `${fromSha}..${toSha}` });
  const diffs = await repository.diff(base, toSha);
  const newest = commits[0];
  return ok({
    commit: newest === undefined ? null : presentCommit(call.world, project, newest),
    commits: [...commits].reverse().map(commit => presentCommit(call.world, project, commit)),
    diffs: diffs.map(presentDiff),
    compare_timeout: false,
    compare_same_ref: fromSha === toSha,
    web_url: `${projectUrl(call.world, project)}/-/compare/${from}...${to}`,
  });
}
