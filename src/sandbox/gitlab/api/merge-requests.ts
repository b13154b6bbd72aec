import { badParameter, forbidden, notFound, refuse } from '../http/api-error.ts';
import { type Answer, type Call, created, noContent, ok } from '../http/call.ts';
import { bool, demand, has, integer, integers, list, oneOf, pathInteger, requiredText, text } from '../http/input.ts';
import { keysetPage, offsetPage, wantsKeyset } from '../http/paginate.ts';
import { presentCommit } from '../present/commit.ts';
import { presentMergeRequest, presentMergeRequestDetail } from '../present/merge-request.ts';
import { presentUserId } from '../present/user.ts';
import {
  actorOf,
  canReadProject,
  findProject,
  groupOf,
  projectGroups,
  projectOf,
  projectRole,
} from '../state/access.ts';
import { createMergeRequest } from '../state/create-merge-request.ts';
import type { DiffRecord } from '../state/issuable-records.ts';
import { commitsOf, type MergeRequestInput, updateMergeRequest } from '../state/merge-requests.ts';
import { canMerge, isDraft, recheckLater } from '../state/mergeability.ts';
import { ACCESS, type MergeRequestRecord, type ProjectRecord } from '../state/records.ts';
import { interpret } from './commands.ts';
import { presentDiff } from './commits.ts';
import { orderRows, type Row, sharedFilter } from './filter-issuables.ts';
import { visibleProjects } from './projects.ts';

export interface Found {
  project: ProjectRecord;
  item: MergeRequestRecord;
}

export function mergeRequestOf(call: Call): Found {
  const project = projectOf(call);
  const item = project.mergeRequests.get(pathInteger(call, 'iid'));
  if (item === undefined) throw notFound();
  return { project, item };
}

function listRows(call: Call, projects: ProjectRecord[]): Answer {
  const { input, world } = call;
  const test = sharedFilter(call);
  const source = text(input, 'source_branch');
  const target = text(input, 'target_branch');
  const sourceProject = integer(input, 'source_project_id');
  const wip = text(input, 'wip');
  const draft = bool(input, 'draft') ?? (wip === null ? null : wip === 'yes');
  const rows: Row<MergeRequestRecord>[] = [];
  for (const project of projects) {
    for (const item of project.mergeRequests.values()) {
      if (source !== null && item.sourceBranch !== source) continue;
      if (target !== null && item.targetBranch !== target) continue;
      if (sourceProject !== null && item.sourceProjectId !== sourceProject) continue;
      if (draft !== null && isDraft(item) !== draft) continue;
      if (test(project, item)) rows.push({ project, item });
    }
  }
  orderRows(call, rows);
  const simple = text(input, 'view') === 'simple';
  const labelDetails = bool(input, 'with_labels_details') === true;
  const present = ({ project, item }: Row<MergeRequestRecord>) => {
    const full = presentMergeRequest(world, project, item, { labelDetails });
    return simple
      ? pick(full, ['id', 'iid', 'project_id', 'title', 'description', 'state', 'created_at', 'updated_at', 'web_url'])
      : full;
  };
  if (wantsKeyset(call)) return keysetPage(call, rows, row => String(row.item.id), present);
  return offsetPage(call, rows, present);
}

function pick(full: Record<string, unknown>, names: string[]): Record<string, unknown> {
  return Object.fromEntries(names.map(name => [name, full[name]]));
}

export function listProjectMergeRequests(call: Call): Answer {
  return listRows(call, [projectOf(call)]);
}
export function listGroupMergeRequests(call: Call): Answer {
  const group = groupOf(call);
  return listRows(
    call,
    visibleProjects(call).filter(project => projectGroups(call.world, project).includes(group)),
  );
}
/** Over all projects the scope is `created_by_me` unless told. */
export function listAllMergeRequests(call: Call): Answer {
  actorOf(call);
  if (!has(call.input, 'scope') && !has(call.input, 'author_id') && !has(call.input, 'author_username'))
    call.input['scope'] = 'created_by_me';
  return listRows(call, visibleProjects(call));
}

export async function getMergeRequest(call: Call): Promise<Answer> {
  const { project, item } = mergeRequestOf(call);
  recheckLater(call.world, project, item);
  let diverged: number | undefined;
  if (bool(call.input, 'include_diverged_commits_count') === true) {
    const head = await project.repository.resolve(`refs/heads/${item.targetBranch}`);
    diverged = head === null ? 0 : await project.repository.commitCount(item.headSha, head);
  }
  return ok(detail(call, project, item, diverged));
}

function detail(
  call: Call,
  project: ProjectRecord,
  item: MergeRequestRecord,
  divergedCommits?: number,
): Record<string, unknown> {
  const { world, user } = call;
  return presentMergeRequestDetail(world, project, item, {
    viewer: user,
    canMerge: canMerge(world, project, item, user),
    ...(divergedCommits === undefined ? {} : { divergedCommits }),
  });
}

export { detail as presentSingle };

export async function postMergeRequest(call: Call): Promise<Answer> {
  const source = projectOf(call);
  const actor = actorOf(call);
  const { input, world } = call;
  demand(input, 'title', 'source_branch', 'target_branch');
  const targetId = integer(input, 'target_project_id');
  const project = targetId === null ? source : findProject(world, String(targetId));
  if (project === null || !canReadProject(world, call.user, project)) throw notFound('Project');
  if (projectRole(world, call.user, source) < ACCESS.developer || !project.settings.mergeRequestsEnabled)
    throw forbidden();
  if (project.id !== source.id && project.id !== source.forkedFromId)
    throw refuse(422, { base: ['Target project is not a fork of source project'] });
  const fields = readInput(call);
  const commands = interpret(call, actor, project, null, fields.description ?? '');
  const item = await createMergeRequest(world, actor, project, source, {
    ...fields,
    ...commands.input,
    ...(fields.description === undefined ? {} : { description: fields.description === null ? null : commands.text }),
    title: commands.input.title ?? requiredText(input, 'title'),
    sourceBranch: requiredText(input, 'source_branch'),
    targetBranch: requiredText(input, 'target_branch'),
  });
  return created(detail(call, project, item));
}

const CHANGEABLE = [
  'assignee_id',
  'assignee_ids',
  'reviewer_ids',
  'description',
  'labels',
  'add_labels',
  'remove_labels',
  'milestone_id',
  'remove_source_branch',
  'allow_collaboration',
  'allow_maintainer_to_push',
  'squash',
  'target_branch',
  'title',
  'state_event',
  'discussion_locked',
  'merge_after',
];

export async function putMergeRequest(call: Call): Promise<Answer> {
  const { project, item } = mergeRequestOf(call);
  const actor = actorOf(call);
  const { input, world } = call;
  if (
    projectRole(world, call.user, project) < ACCESS.developer &&
    item.authorId !== actor.user.id &&
    !item.assigneeIds.includes(actor.user.id)
  ) {
    throw forbidden();
  }
  if (!CHANGEABLE.some(name => has(input, name))) {
    throw badParameter(`${CHANGEABLE.join(', ')} are missing, at least one parameter must be provided`);
  }
  const fields = readInput(call);
  const commands =
    typeof fields.description === 'string' ? interpret(call, actor, project, item, fields.description) : null;
  await updateMergeRequest(world, actor, project, item, {
    ...fields,
    ...(commands === null ? {} : { ...commands.input, description: commands.text }),
  });
  for (const job of commands?.after ?? []) await job();
  return ok(detail(call, project, item));
}

function readInput(call: Call): MergeRequestInput {
  const { input } = call;
  const fields: MergeRequestInput = {};
  if (text(input, 'title') !== null) fields.title = text(input, 'title')!;
  if (has(input, 'description')) fields.description = text(input, 'description');
  if (has(input, 'labels')) fields.labels = list(input, 'labels') ?? [];
  if (has(input, 'add_labels')) fields.addLabels = list(input, 'add_labels') ?? [];
  if (has(input, 'remove_labels')) fields.removeLabels = list(input, 'remove_labels') ?? [];
  if (has(input, 'assignee_id')) fields.assigneeIds = [integer(input, 'assignee_id') ?? 0].filter(id => id > 0);
  if (has(input, 'assignee_ids')) fields.assigneeIds = (integers(input, 'assignee_ids') ?? []).filter(id => id > 0);
  if (has(input, 'reviewer_ids')) fields.reviewerIds = (integers(input, 'reviewer_ids') ?? []).filter(id => id > 0);
  if (has(input, 'milestone_id')) fields.milestoneId = integer(input, 'milestone_id');
  if (has(input, 'discussion_locked')) fields.discussionLocked = bool(input, 'discussion_locked') ?? false;
  const event = oneOf(input, 'state_event', ['close', 'reopen']);
  if (event !== null) fields.stateEvent = event;
  if (has(input, 'target_branch') && call.method === 'PUT') fields.targetBranch = requiredText(input, 'target_branch');
  if (has(input, 'squash')) fields.squash = bool(input, 'squash') ?? false;
  if (has(input, 'remove_source_branch')) fields.removeSourceBranch = bool(input, 'remove_source_branch');
  const collaboration = bool(input, 'allow_collaboration') ?? bool(input, 'allow_maintainer_to_push');
  if (collaboration !== null) fields.allowCollaboration = collaboration;
  return fields;
}

export function deleteMergeRequest(call: Call): Answer {
  const { project, item } = mergeRequestOf(call);
  if (projectRole(call.world, call.user, project) < ACCESS.owner) throw forbidden();
  project.mergeRequests.delete(item.iid);
  call.world.mergeRequestsById.delete(item.id);
  return noContent();
}

export async function listMergeRequestCommits(call: Call): Promise<Answer> {
  const { project, item } = mergeRequestOf(call);
  return offsetPage(call, await commitsOf(project, item), commit => presentCommit(call.world, project, commit));
}

async function diffsOf({ project, item }: Found): Promise<Record<string, unknown>[]> {
  const diff = item.diffs.at(-1);
  return diff === undefined ? [] : (await project.repository.diff(diff.baseSha, diff.headSha)).map(presentDiff);
}

export async function getMergeRequestChanges(call: Call): Promise<Answer> {
  const found = mergeRequestOf(call);
  return ok({ ...detail(call, found.project, found.item), changes: await diffsOf(found), overflow: false });
}

export async function listMergeRequestDiffs(call: Call): Promise<Answer> {
  return offsetPage(call, await diffsOf(mergeRequestOf(call)), diff => diff);
}

function presentVersion(item: MergeRequestRecord, diff: DiffRecord): Record<string, unknown> {
  return {
    id: diff.id,
    head_commit_sha: diff.headSha,
    base_commit_sha: diff.baseSha,
    start_commit_sha: diff.startSha,
    created_at: diff.createdAt,
    merge_request_id: item.id,
    state: 'collected',
    real_size: item.changesCount === null ? null : String(item.changesCount),
    patch_id_sha: null,
  };
}

export function listMergeRequestVersions(call: Call): Answer {
  const { item } = mergeRequestOf(call);
  return offsetPage(call, [...item.diffs].reverse(), diff => presentVersion(item, diff));
}

export async function getMergeRequestVersion(call: Call): Promise<Answer> {
  const { project, item } = mergeRequestOf(call);
  const id = pathInteger(call, 'version_id');
  const diff = item.diffs.find(candidate => candidate.id === id);
  if (diff === undefined) throw notFound();
  const { repository } = project;
  const commits = await repository.log({ revision: `${diff.baseSha}..${diff.headSha}`, limit: 100 });
  return ok({
    ...presentVersion(item, diff),
    commits: commits.map(commit => presentCommit(call.world, project, commit)),
    diffs: (await repository.diff(diff.baseSha, diff.headSha)).map(presentDiff),
  });
}

export function listParticipants(call: Call): Answer {
  const { item } = mergeRequestOf(call);
  const ids = new Set([
    item.authorId,
    ...item.assigneeIds,
    ...item.notes.filter(note => !note.system).map(note => note.authorId),
  ]);
  return offsetPage(call, [...ids], id => presentUserId(call.world, id));
}

export function listMergeRequestPipelines(call: Call): Answer {
  const { project, item } = mergeRequestOf(call);
  const found = [...project.pipelines.values()].filter(pipeline => pipeline.sha === item.headSha).reverse();
  return offsetPage(call, found, pipeline => ({ id: pipeline.id, sha: pipeline.sha, ref: pipeline.ref }));
}
