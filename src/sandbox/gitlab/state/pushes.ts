import type { CommitInfo, RefUpdate } from '../../git/repository.ts';
import { snapshot } from '../events/changes.ts';
import { mergeRequestEvent } from '../events/merge-request-event.ts';
import { pushEvent, pushedCommits, ZERO } from '../events/push-event.ts';
import type { Actor } from '../http/call.ts';
import { pusherOf } from './acting.ts';
import { systemNote } from './append-note.ts';
import { closingIssues, crossReferenceCommit } from './cross-references.ts';
import { closeIssue } from './issues.ts';
import { afterMerge } from './merge.ts';
import { closeMergeRequest, refreshClosedIssues, reloadDiff } from './merge-requests.ts';
import { startMergeRequestPipeline } from './pipelines.ts';
import { logPush } from './push-log.ts';
import type { MergeRequestRecord, ProjectRecord } from './records.ts';
import { later, now, type World } from './world.ts';

const COMMITS_PROCESSED = 100;
const queues = new WeakMap<ProjectRecord, Promise<void>>();

/** Called by git after refs moved. The work is done in the background, one push after the other, as GitLab's PostReceive. */
export function onRefsUpdated(world: World, project: ProjectRecord, updates: RefUpdate[], by: string | null): void {
  const moved = updates.filter(update => /^refs\/(heads|tags)\//.test(update.ref));
  if (moved.length === 0) return;
  const actor = pusherOf(world, project, by);
  project.lastActivityAt = now(world);
  later(world, () => {
    const before = queues.get(project) ?? Promise.resolve();
    const next = before.then(() => afterPush(world, actor, project, moved));
    queues.set(
      project,
      next.catch(() => undefined),
    );
    return next;
  });
}

async function afterPush(world: World, actor: Actor, project: ProjectRecord, updates: RefUpdate[]): Promise<void> {
  const branches = updates.filter(update => update.ref.startsWith('refs/heads/'));
  await adoptFirstBranch(project, branches);
  for (const group of groupedByAction(updates)) {
    await logPush(world, actor, project, group, group.length > world.settings.pushEventHooksLimit);
    // One push that touches more than three branches (or tags) in the same way fires nothing at all.
    if (group.length > world.settings.pushEventHooksLimit) continue;
    for (const update of group) await pushEvent(world, actor, project, update);
  }
  for (const update of branches) {
    await processCommits(world, actor, project, update);
    await refreshMergeRequests(world, actor, project, update);
  }
}

function groupedByAction(updates: RefUpdate[]): RefUpdate[][] {
  const groups = new Map<string, RefUpdate[]>();
  for (const update of updates) {
    const action = update.before === ZERO ? 'created' : update.after === ZERO ? 'removed' : 'updated';
    const key = `${update.ref.split('/')[1]}:${action}`;
    groups.set(key, [...(groups.get(key) ?? []), update]);
  }
  return [...groups.values()];
}

/** The first branch of an empty project becomes its default, whatever it is called. */
async function adoptFirstBranch(project: ProjectRecord, branches: RefUpdate[]): Promise<void> {
  const first = branches[0];
  if (first === undefined || first.before !== ZERO || first.after === ZERO) return;
  const all = await project.repository.branches();
  if (all.some(branch => branch.name === project.defaultBranch)) return;
  const name = first.ref.replace('refs/heads/', '');
  const rule = project.protectedBranches.get(project.defaultBranch);
  if (rule !== undefined && !project.protectedBranches.has(name)) {
    project.protectedBranches.delete(project.defaultBranch);
    project.protectedBranches.set(name, { ...rule, name });
  }
  project.defaultBranch = name;
  await project.repository.setHeadBranch(name);
}

/** Commit messages mention issues, and close them when they reach the default branch. */
async function processCommits(world: World, actor: Actor, project: ProjectRecord, update: RefUpdate): Promise<void> {
  const { commits } = await pushedCommits(project, update, COMMITS_PROCESSED);
  const closes = update.ref === `refs/heads/${project.defaultBranch}`;
  for (const commit of commits) {
    crossReferenceCommit(world, actor, project, commit);
    if (!closes || commit.parentShas.length > 1) continue;
    for (const issue of closingIssues(world, actor, project, commit.message)) {
      const owner = world.projects.get(issue.projectId);
      if (owner?.settings.autocloseReferencedIssues === true)
        closeIssue(world, actor, owner, issue, { commit: commit.sha });
    }
  }
}

/** What a push means for merge requests: those from the branch get a new head and an event; those into it get neither. */
async function refreshMergeRequests(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  update: RefUpdate,
): Promise<void> {
  const branch = update.ref.replace('refs/heads/', '');
  const open = [...world.mergeRequestsById.values()].filter(item => item.state === 'opened');
  for (const item of open) {
    if (item.projectId === project.id && item.targetBranch === branch)
      await targetMoved(world, actor, project, item, update);
    if (item.sourceProjectId === project.id && item.sourceBranch === branch)
      await sourceMoved(world, actor, project, item, update);
  }
}

/** No event, no new diff: only the mergeability is in doubt again, unless the push brought the whole merge request in. */
async function targetMoved(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  item: MergeRequestRecord,
  update: RefUpdate,
): Promise<void> {
  if (update.after === ZERO) return;
  const diff = item.diffs.at(-1);
  const brought =
    diff !== undefined &&
    diff.baseSha !== diff.headSha &&
    (await project.repository.isAncestor(item.headSha, update.after));
  if (brought && item.state === 'opened') await afterMerge(world, actor, project, item, snapshot(world, project, item));
  else if (item.state === 'opened' && item.preparedAt !== null) item.mergeStatus = 'unchecked';
}

async function sourceMoved(
  world: World,
  actor: Actor,
  source: ProjectRecord,
  item: MergeRequestRecord,
  update: RefUpdate,
): Promise<void> {
  const project = world.projects.get(item.projectId);
  if (project === undefined || item.state !== 'opened') return;
  if (update.after === ZERO) {
    await closeMergeRequest(world, actor, project, item);
    return;
  }
  // A push from before the merge request was opened may only be looked at now: nothing has moved since.
  if (item.headSha === (await source.repository.resolve(`refs/heads/${item.sourceBranch}`))) return;
  const oldrev = item.headSha;
  const commits = await source.repository.log({ revision: `${oldrev}..${update.after}`, limit: COMMITS_PROCESSED });
  item.headSha = update.after;
  await reloadDiff(world, project, item);
  await startMergeRequestPipeline(world, actor.user.id, project, item);
  item.mergeWhenPipelineSucceeds = false; // what was agreed to is no longer what would be merged
  item.mergeStatus = 'unchecked';
  item.updatedAt = now(world);
  await refreshClosedIssues(world, actor, project, item);
  systemNote(world, actor, project, item, 'commit', commitsNote(commits));
  await mergeRequestEvent(world, actor, project, item, 'update', {}, { oldrev });
}

function commitsNote(commits: CommitInfo[]): string {
  const rows = commits.map(commit => `<li>${commit.sha.slice(0, 8)} - ${commit.title}</li>`).join('');
  return `added ${commits.length} commit${commits.length === 1 ? '' : 's'}\n\n<ul>${rows}</ul>`;
}
