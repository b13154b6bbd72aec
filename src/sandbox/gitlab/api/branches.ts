import { GitError } from '../../git/repository.ts';
import { badRequest, forbidden, notFound } from '../http/api-error.ts';
import { type Actor, type Answer, accepted, type Call, created, noContent, ok } from '../http/call.ts';
import { requiredText, text } from '../http/input.ts';
import { keysetHeaders, keysetStart, offsetHeaders, pageOf, wantsKeyset } from '../http/paginate.ts';
import { presentCommit } from '../present/commit.ts';
import { projectUrl } from '../present/urls.ts';
import { actorOf, codeProjectOf, projectRole } from '../state/access.ts';
import { actingAs } from '../state/acting.ts';
import { isProtected, wildcard } from '../state/protected.ts';
import { ACCESS, type ProjectRecord, type UserRecord } from '../state/records.ts';

type Branch = { name: string; sha: string };

export async function presentBranch(
  call: Call,
  project: ProjectRecord,
  branch: Branch,
): Promise<Record<string, unknown>> {
  const commit = await project.repository.commit(branch.sha);
  if (commit === null) throw notFound('Branch');
  const rule = isProtected(project.protectedBranches, branch.name);
  const isDefault = branch.name === project.defaultBranch;
  const head = isDefault ? null : await project.repository.resolve(`refs/heads/${project.defaultBranch}`);
  return {
    name: branch.name,
    commit: presentCommit(call.world, project, commit),
    merged: head !== null && (await project.repository.isAncestor(branch.sha, head)),
    protected: rule !== null,
    developers_can_push: rule !== null && rule.pushLevel === ACCESS.developer,
    developers_can_merge: rule !== null && rule.mergeLevel === ACCESS.developer,
    can_push: mayPush(call, project, branch.name, call.user),
    default: isDefault,
    web_url: `${projectUrl(call.world, project)}/-/tree/${branch.name}`,
  };
}

export function mayPush(call: Call, project: ProjectRecord, branch: string, user: UserRecord | null): boolean {
  const role = projectRole(call.world, user, project);
  const rule = isProtected(project.protectedBranches, branch);
  return role >= ACCESS.developer && (rule === null || (rule.pushLevel > 0 && role >= rule.pushLevel));
}

export async function listBranches(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  const search = text(call.input, 'search');
  const regex = text(call.input, 'regex');
  const all = (await project.repository.branches()).filter(branch => matchesSearch(branch.name, search, regex));
  const { page, perPage } = pageOf(call);
  const present = (rows: Branch[]) => Promise.all(rows.map(branch => presentBranch(call, project, branch)));
  if (wantsKeyset(call)) {
    const start = keysetStart(call, all, branch => branch.name, 'page_token');
    return ok(
      await present(all.slice(start, start + perPage)),
      keysetHeaders(call, all, start, perPage, branch => branch.name, 'page_token'),
    );
  }
  return ok(
    await present(all.slice((page - 1) * perPage, page * perPage)),
    offsetHeaders(call, page, perPage, all.length),
  );
}

/** `search`: `^begins`, `ends$`, `a*b`, else anywhere and in any case; `regex` as it stands. */
export function matchesSearch(name: string, search: string | null, regex: string | null = null): boolean {
  if (regex !== null && !new RegExp(regex).test(name)) return false;
  if (search === null || search === '') return true;
  const lower = name.toLowerCase();
  const wanted = search.toLowerCase();
  if (wanted.startsWith('^') && wanted.endsWith('$')) return lower === wanted.slice(1, -1);
  if (wanted.startsWith('^')) return lower.startsWith(wanted.slice(1));
  if (wanted.endsWith('$')) return lower.endsWith(wanted.slice(0, -1));
  if (wanted.includes('*')) return wildcard(wanted).test(lower);
  return lower.includes(wanted);
}

async function branchOf(call: Call, project: ProjectRecord): Promise<Branch> {
  const name = call.params['branch'] ?? '';
  const branch = (await project.repository.branches()).find(candidate => candidate.name === name);
  if (branch === undefined) throw notFound('Branch');
  return branch;
}

export async function getBranch(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  return ok(await presentBranch(call, project, await branchOf(call, project)));
}

export async function postBranch(call: Call): Promise<Answer> {
  const project = codeProjectOf(call, ACCESS.developer);
  const name = requiredText(call.input, 'branch');
  const ref = requiredText(call.input, 'ref');
  if ((await project.repository.branches()).some(branch => branch.name === name))
    throw badReason('Branch already exists');
  const actor = actorOf(call);
  if ((await project.repository.branches()).length === 0) await addFirstCommit(project, actor);
  if ((await project.repository.resolve(ref)) === null) throw badReason(`Invalid reference name: ${ref}`);
  try {
    await actingAs(actor, () => project.repository.createBranch(name, ref));
  } catch (error) {
    if (error instanceof GitError)
      throw badReason(error.kind === 'exists' ? 'Branch already exists' : 'Branch name is invalid');
    throw error;
  }
  const sha = await project.repository.resolve(`refs/heads/${name}`);
  return created(await presentBranch(call, project, { name, sha: sha! }));
}

/** In an empty repository GitLab makes the default branch first, with an empty README.md, so that there is something to branch from. */
async function addFirstCommit(project: ProjectRecord, actor: Actor): Promise<void> {
  await actingAs(actor, () =>
    project.repository.commitFiles({
      branch: project.defaultBranch,
      message: 'Add README.md',
      author: { name: actor.user.name, email: actor.user.email },
      actions: [{ action: 'create', path: 'README.md', content: Buffer.alloc(0) }],
    }),
  );
}

export async function deleteBranch(call: Call): Promise<Answer> {
  const project = codeProjectOf(call, ACCESS.developer);
  const { name } = await branchOf(call, project);
  if (name === project.defaultBranch) throw badReason('Cannot remove HEAD branch');
  if (
    isProtected(project.protectedBranches, name) !== null &&
    projectRole(call.world, call.user, project) < ACCESS.maintainer
  )
    throw forbidden();
  await actingAs(actorOf(call), () => project.repository.deleteBranch(name));
  return noContent();
}

export async function deleteMergedBranches(call: Call): Promise<Answer> {
  const project = codeProjectOf(call, ACCESS.developer);
  const head = await project.repository.resolve(`refs/heads/${project.defaultBranch}`);
  for (const branch of await project.repository.branches()) {
    if (
      branch.name === project.defaultBranch ||
      isProtected(project.protectedBranches, branch.name) !== null ||
      head === null
    )
      continue;
    if (await project.repository.isAncestor(branch.sha, head))
      await actingAs(actorOf(call), () => project.repository.deleteBranch(branch.name));
  }
  return accepted({ message: '202 Accepted' });
}

function badReason(message: string): Error {
  const error = badRequest();
  return Object.assign(error, { body: { message } });
}
