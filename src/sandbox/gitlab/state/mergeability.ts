import { pipelineStatus } from '../present/commit.ts';
import { areDiscussionsResolved } from '../present/note.ts';
import { projectRole } from './access.ts';
import { isProtected } from './protected.ts';
import { ACCESS, type MergeRequestRecord, type ProjectRecord, type UserRecord } from './records.ts';
import { later, since, type World } from './world.ts';

const DRAFT = /^\s*(\[draft\]|\(draft\)|draft:|draft\s-\s|draft$)\s*/i;

/** A draft is named one: "Draft: …", "[Draft] …" or "(Draft) …". */
export function isDraft(item: MergeRequestRecord): boolean {
  return DRAFT.test(item.title);
}
export function withoutDraft(title: string): string {
  return title.replace(DRAFT, '');
}

/** Open threads hold a merge request back only if its project says so; without the setting a thread blocks nothing. */
export function discussionsBlock(project: ProjectRecord, item: MergeRequestRecord): boolean {
  return project.settings.onlyAllowMergeIfAllDiscussionsAreResolved && !areDiscussionsResolved(item);
}

/** The first reason not to merge, in GitLab's order and words (the words changed in 17). */
export function detailedMergeStatus(world: World, project: ProjectRecord, item: MergeRequestRecord): string {
  if (item.mergeStatus === 'checking') return 'checking';
  if (item.preparedAt === null && item.diffs.length === 0) return 'preparing';
  if (item.mergeStatus === 'unchecked') return 'unchecked';
  return (
    stateBlocker(world, project, item) ?? (item.mergeStatus === 'cannot_be_merged' ? conflictName(item) : 'mergeable')
  );
}

function conflictName(item: MergeRequestRecord): string {
  return item.diffs.at(-1)?.headSha === item.diffs.at(-1)?.baseSha ? 'commits_status' : 'conflict';
}

/** What `mergeable_state?` looks at: everything but conflicts. */
export function stateBlocker(world: World, project: ProjectRecord, item: MergeRequestRecord): string | null {
  if (item.state !== 'opened') return 'not_open';
  if (isDraft(item)) return 'draft_status';
  const regex = project.settings.mergeRequestTitleRegex;
  if (regex !== null && regex !== '' && since(world, 18) && !new RegExp(regex).test(item.title)) return 'title_regex';
  if (discussionsBlock(project, item)) return 'discussions_not_resolved';
  if (!pipelineAllows(project, item)) return 'ci_must_pass';
  if (!statusChecksPassed(world, project, item))
    return since(world, 17) ? 'status_checks_must_pass' : 'external_status_checks';
  return null;
}

function pipelineAllows(project: ProjectRecord, item: MergeRequestRecord): boolean {
  if (!project.settings.onlyAllowMergeIfPipelineSucceeds) return true;
  const pipeline = [...project.pipelines.values()].findLast(candidate => candidate.sha === item.headSha);
  if (pipeline === undefined) return false;
  const status = pipelineStatus(project, pipeline.id);
  return status === 'success' || (status === 'skipped' && project.settings.allowMergeOnSkippedPipeline === true);
}

function statusChecksPassed(world: World, project: ProjectRecord, item: MergeRequestRecord): boolean {
  if (world.settings.tier !== 'ultimate' || !project.settings.onlyAllowMergeIfAllStatusChecksPassed) return true;
  return [...project.statusChecks.values()].every(
    check => check.answers.get(`${item.id}:${item.headSha}`) === 'passed',
  );
}

/** May this user merge: push to the target, or be among those a protected branch lets merge. */
export function canMerge(
  world: World,
  project: ProjectRecord,
  item: MergeRequestRecord,
  user: UserRecord | null,
): boolean {
  const role = projectRole(world, user, project);
  if (role < ACCESS.developer) return false;
  const rule = isProtected(project.protectedBranches, item.targetBranch);
  if (rule === null) return true;
  return (rule.mergeLevel > 0 && role >= rule.mergeLevel) || (rule.pushLevel > 0 && role >= rule.pushLevel);
}

/** Looks at git: would source and target merge cleanly? */
export async function checkMergeability(project: ProjectRecord, item: MergeRequestRecord): Promise<void> {
  if (item.state !== 'opened') return;
  const diff = item.diffs.at(-1);
  const target = await project.repository.resolve(`refs/heads/${item.targetBranch}`);
  const mergeable =
    target !== null &&
    diff !== undefined &&
    diff.baseSha !== diff.headSha &&
    (await project.repository.canMerge(item.headSha, target));
  item.mergeStatus = mergeable ? 'can_be_merged' : 'cannot_be_merged';
}

/** Starts the check in the background, as reading a merge request does: the answer says `checking`, the next one knows. */
export function recheckLater(world: World, project: ProjectRecord, item: MergeRequestRecord): void {
  if (item.mergeStatus !== 'unchecked' || item.state !== 'opened' || item.preparedAt === null) return;
  item.mergeStatus = 'checking';
  later(world, () => checkMergeability(project, item));
}
