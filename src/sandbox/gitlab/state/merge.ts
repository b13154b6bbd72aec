import { GitError } from '../../git/repository.ts';
import { differences, snapshot } from '../events/changes.ts';
import { mergeRequestEvent } from '../events/merge-request-event.ts';
import { ApiError, invalid } from '../http/api-error.ts';
import type { Actor } from '../http/call.ts';
import { actingAs } from './acting.ts';
import { recordState } from './issuables.ts';
import { closeIssue } from './issues.ts';
import { updateMergeRequest } from './merge-requests.ts';
import type { MergeRequestRecord, ProjectRecord } from './records.ts';
import { later, now, type World } from './world.ts';

export interface MergeInput {
  mergeCommitMessage?: string | null;
  squashCommitMessage?: string | null;
  squash?: boolean | null;
  shouldRemoveSourceBranch?: boolean | null;
}

const RETARGET_LIMIT = 4;

/** Merges now. Closing issues, deleting the branch and retargeting what built upon it follow in the background. */
export async function mergeNow(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  item: MergeRequestRecord,
  input: MergeInput,
): Promise<void> {
  const before = { ...snapshot(world, project, item), state_id: 4 };
  const squash = input.squash ?? item.squash;
  if (squash && project.settings.squashOption === 'never') throw invalid({ base: ['Squashing is not allowed'] });
  item.state = 'locked';
  try {
    const result = await actingAs(actor, () =>
      project.repository.merge({
        source: item.headSha,
        target: item.targetBranch,
        message: input.mergeCommitMessage ?? defaultMessage(world, project, item),
        author: { name: actor.user.name, email: actor.user.email },
        method: project.settings.mergeMethod === 'ff' ? 'ff' : 'merge',
        ...(squash ? { squashMessage: input.squashCommitMessage ?? item.title } : {}),
      }),
    );
    item.mergeCommitSha = project.settings.mergeMethod === 'ff' ? null : result.sha;
    item.squashCommitSha = result.squashSha;
    item.squash = squash;
  } catch (error) {
    item.state = 'opened';
    if (error instanceof GitError) {
      item.mergeStatus = 'cannot_be_merged';
      item.mergeError = error.message;
      throw new ApiError(422, { message: 'Branch cannot be merged' });
    }
    throw error;
  }
  item.shouldRemoveSourceBranch = input.shouldRemoveSourceBranch ?? null;
  await afterMerge(world, actor, project, item, before);
}

/** Everything that follows a merge, whether through the button or because a push brought the commits in. */
export async function afterMerge(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  item: MergeRequestRecord,
  before: Record<string, unknown>,
): Promise<void> {
  item.state = 'merged';
  item.mergedAt = now(world);
  item.updatedAt = item.mergedAt;
  item.mergeUserId = actor.user.id;
  item.mergeWhenPipelineSucceeds = false;
  item.mergeStatus = 'can_be_merged';
  recordState(world, actor, item, 'merged');
  await mergeRequestEvent(world, actor, project, item, 'merge', differences(before, snapshot(world, project, item)));
  later(world, () => closeIssues(world, actor, project, item), 2);
  if (item.shouldRemoveSourceBranch ?? item.forceRemoveSourceBranch ?? false) {
    later(world, () => removeSourceBranch(world, actor, project, item));
  }
}

/** "Closes #1" in a merge into the default branch, unless the issue's own project has switched that off. */
function closeIssues(world: World, actor: Actor, project: ProjectRecord, item: MergeRequestRecord): void {
  if (item.targetBranch !== project.defaultBranch) return;
  for (const id of item.closesIssueIds) {
    const issue = world.issuesById.get(id);
    const owner = issue === undefined ? undefined : world.projects.get(issue.projectId);
    if (issue === undefined || owner === undefined || !owner.settings.autocloseReferencedIssues) continue;
    closeIssue(world, actor, owner, issue, { mergeRequestId: item.id });
  }
}

async function removeSourceBranch(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  item: MergeRequestRecord,
): Promise<void> {
  const source = item.sourceProjectId === null ? undefined : world.projects.get(item.sourceProjectId);
  if (
    source === undefined ||
    item.sourceBranch === source.defaultBranch ||
    source.protectedBranches.has(item.sourceBranch)
  )
    return;
  if (source.id === project.id) await retargetChain(world, actor, project, item);
  const head = await source.repository.resolve(`refs/heads/${item.sourceBranch}`);
  if (head !== item.headSha) return;
  await actingAs(actor, () => source.repository.deleteBranch(item.sourceBranch));
}

/** Up to four open merge requests into the branch that goes away are pointed at where it was merged to. */
async function retargetChain(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  item: MergeRequestRecord,
): Promise<void> {
  const followers = [...project.mergeRequests.values()].filter(
    other => other.state === 'opened' && other.targetBranch === item.sourceBranch,
  );
  for (const follower of followers.slice(0, RETARGET_LIMIT)) {
    await updateMergeRequest(world, actor, project, follower, { targetBranch: item.targetBranch });
  }
}

/** GitLab's default merge commit message. */
export function defaultMessage(world: World, project: ProjectRecord, item: MergeRequestRecord): string {
  const closes = item.closesIssueIds.flatMap(id => {
    const issue = world.issuesById.get(id);
    if (issue === undefined) return [];
    const prefix = issue.projectId === project.id ? '' : (world.projects.get(issue.projectId)?.fullPath ?? '');
    return [`${prefix}#${issue.iid}`];
  });
  const last = closes.pop();
  const list = last === undefined ? null : closes.length === 0 ? last : `${closes.join(', ')} and ${last}`;
  return [
    `Merge branch '${item.sourceBranch}' into '${item.targetBranch}'`,
    item.title,
    ...(list === null ? [] : [`Closes ${list}`]),
    `See merge request ${project.fullPath}!${item.iid}`,
  ].join('\n\n');
}
