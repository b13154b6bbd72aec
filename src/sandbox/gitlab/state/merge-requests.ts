import type { CommitInfo } from '../../git/repository.ts';
import { type Changes, differences, snapshot } from '../events/changes.ts';
import { mergeRequestEvent } from '../events/merge-request-event.ts';
import { ApiError, invalid } from '../http/api-error.ts';
import type { Actor } from '../http/call.ts';
import { systemNote } from './append-note.ts';
import { closedIssues, crossReference } from './cross-references.ts';
import { applyShared, checkTexts, type IssuableInput, recordState } from './issuables.ts';
import { isDraft } from './mergeability.ts';
import type { MergeRequestRecord, ProjectRecord } from './records.ts';
import { nextId, now, type World } from './world.ts';

export interface MergeRequestInput extends IssuableInput {
  targetBranch?: string;
  reviewerIds?: number[];
  squash?: boolean;
  removeSourceBranch?: boolean | null;
  allowCollaboration?: boolean;
}

/** Copies the head into the target project as `refs/merge-requests/:iid/head`, and notes the three shas of the diff. */
export async function reloadDiff(world: World, project: ProjectRecord, item: MergeRequestRecord): Promise<void> {
  const source = item.sourceProjectId === null ? undefined : world.projects.get(item.sourceProjectId);
  const ref = `refs/merge-requests/${item.iid}/head`;
  if (source !== undefined && source.id !== project.id)
    await project.repository.fetch(source.repository, item.headSha, ref);
  else await project.repository.updateRef(ref, item.headSha);
  const startSha = await project.repository.resolve(`refs/heads/${item.targetBranch}`);
  if (startSha === null) return;
  const baseSha = (await project.repository.mergeBase([startSha, item.headSha])) ?? startSha;
  item.diffs.push({
    id: nextId(world, 'merge_request_diffs'),
    baseSha,
    startSha,
    headSha: item.headSha,
    createdAt: now(world),
  });
  item.changesCount = (await project.repository.diff(baseSha, item.headSha)).length;
}

export async function commitsOf(
  project: ProjectRecord,
  item: MergeRequestRecord,
  limit?: number,
): Promise<CommitInfo[]> {
  const diff = item.diffs.at(-1);
  if (diff === undefined || diff.baseSha === diff.headSha) return [];
  return project.repository.log({ revision: `${diff.baseSha}..${diff.headSha}`, limit });
}

export async function refreshClosedIssues(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  item: MergeRequestRecord,
): Promise<void> {
  if (item.state !== 'opened') return;
  const commits = item.targetBranch === project.defaultBranch ? await commitsOf(project, item, 100) : [];
  item.closesIssueIds = closedIssues(world, actor, project, item, commits).map(issue => issue.id);
}

/**
 * Saves a merge request. The hook says `update` whatever was sent. A retarget's `changes` say only that the merge status
 * was reset: GitLab forgets the rest on the way (its issue 224610).
 */
export async function updateMergeRequest(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  item: MergeRequestRecord,
  input: MergeRequestInput,
): Promise<void> {
  checkTexts(input);
  const { stateEvent, ...rest } = input;
  if (stateEvent === 'close') await closeMergeRequest(world, actor, project, item);
  if (stateEvent === 'reopen') await reopenMergeRequest(world, actor, project, item);
  if (Object.keys(rest).length === 0) return;
  const before = snapshot(world, project, item);
  const wasDraft = isDraft(item);
  applyShared(world, actor, project, item, rest);
  if (isDraft(item) !== wasDraft) {
    systemNote(
      world,
      actor,
      project,
      item,
      'title',
      `marked this merge request as **${wasDraft ? 'ready' : 'draft'}**`,
    );
  }
  if (rest.reviewerIds !== undefined) setReviewers(world, actor, project, item, rest.reviewerIds);
  if (rest.squash !== undefined) item.squash = rest.squash;
  if (rest.removeSourceBranch !== undefined) item.forceRemoveSourceBranch = rest.removeSourceBranch;
  if (rest.allowCollaboration !== undefined) item.allowCollaboration = rest.allowCollaboration;
  const retargeted =
    rest.targetBranch !== undefined && rest.targetBranch !== item.targetBranch && item.state !== 'merged';
  if (retargeted) await retarget(world, actor, project, item, rest.targetBranch!);
  item.updatedAt = now(world);
  item.updatedById = actor.user.id;
  await refreshClosedIssues(world, actor, project, item);
  crossReference(world, actor, project, item, `${item.title}\n\n${item.description ?? ''}`);
  const all = differences(before, snapshot(world, project, item));
  const { merge_status, labels, assignees, reviewers } = all;
  const kept = Object.entries({ merge_status, labels, assignees, reviewers }).filter(
    ([, change]) => change !== undefined,
  );
  await mergeRequestEvent(
    world,
    actor,
    project,
    item,
    'update',
    retargeted ? (Object.fromEntries(kept) as Changes) : all,
  );
}

async function retarget(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  item: MergeRequestRecord,
  branch: string,
): Promise<void> {
  if ((await project.repository.resolve(`refs/heads/${branch}`)) === null)
    throw invalid({ target_branch: ['does not exist'] });
  const taken = [...project.mergeRequests.values()].find(
    other =>
      other !== item &&
      other.state === 'opened' &&
      other.sourceProjectId === item.sourceProjectId &&
      other.sourceBranch === item.sourceBranch &&
      other.targetBranch === branch,
  );
  if (taken !== undefined) {
    throw new ApiError(409, {
      message: [`Another open merge request already exists for this source branch: !${taken.iid}`],
    });
  }
  systemNote(
    world,
    actor,
    project,
    item,
    'branch',
    `changed target branch from \`${item.targetBranch}\` to \`${branch}\``,
  );
  item.targetBranch = branch;
  item.mergeStatus = 'unchecked';
  await reloadDiff(world, project, item);
}

export function setReviewers(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  item: MergeRequestRecord,
  wanted: number[],
): void {
  const known = [...new Set(wanted)].filter(id => world.users.has(id));
  const ids = world.settings.tier === 'free' ? known.slice(0, 1) : known;
  const added = ids.filter(id => !item.reviewerIds.includes(id)).map(id => `@${world.users.get(id)?.username ?? ''}`);
  item.reviewerIds = ids;
  if (added.length > 0)
    systemNote(world, actor, project, item, 'reviewer', `requested review from ${added.join(' and ')}`);
}

export async function closeMergeRequest(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  item: MergeRequestRecord,
): Promise<void> {
  if (item.state !== 'opened') return;
  const before = snapshot(world, project, item);
  item.state = 'closed';
  item.closedAt = now(world);
  item.closedById = actor.user.id;
  item.updatedAt = item.closedAt;
  recordState(world, actor, item, 'closed');
  await mergeRequestEvent(world, actor, project, item, 'close', differences(before, snapshot(world, project, item)));
}

export async function reopenMergeRequest(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  item: MergeRequestRecord,
): Promise<void> {
  if (item.state !== 'closed') return;
  const source = item.sourceProjectId === null ? undefined : world.projects.get(item.sourceProjectId);
  const head = await source?.repository.resolve(`refs/heads/${item.sourceBranch}`);
  if (head === null || head === undefined) throw invalid({ base: ['Source branch does not exist'] });
  const before = snapshot(world, project, item);
  item.state = 'opened';
  item.closedAt = null;
  item.closedById = null;
  item.updatedAt = now(world);
  item.headSha = head;
  await reloadDiff(world, project, item);
  item.mergeStatus = 'unchecked';
  recordState(world, actor, item, 'reopened');
  await refreshClosedIssues(world, actor, project, item);
  await mergeRequestEvent(world, actor, project, item, 'reopen', differences(before, snapshot(world, project, item)));
}
