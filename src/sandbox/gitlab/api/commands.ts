import type { Actor, Call } from '../http/call.ts';
import { availableLabels } from '../present/label.ts';
import { findProject, projectGroups, projectRole } from '../state/access.ts';
import { systemNote } from '../state/append-note.ts';
import { resolveReference } from '../state/cross-references.ts';
import type { IssueInput } from '../state/issues.ts';
import { closeIssue } from '../state/issues.ts';
import { mergeNow } from '../state/merge.ts';
import type { MergeRequestInput } from '../state/merge-requests.ts';
import { isDraft, withoutDraft } from '../state/mergeability.ts';
import { moveIssue } from '../state/move-issue.ts';
import { findUser } from '../state/people.ts';
import { ACCESS, type MergeRequestRecord, type Noteable, type ProjectRecord } from '../state/records.ts';
import { nextId, now, since, type World } from '../state/world.ts';
import { type Command, extractCommands } from '../text/quick-actions.ts';
import { findReferences } from '../text/references.ts';
import { seconds } from './duration.ts';

/** What the quick actions of a text come to: parameters for a save, things to do after it, and what GitLab says about it. */
export interface Interpreted {
  text: string;
  found: boolean;
  input: IssueInput & MergeRequestInput;
  after: (() => Promise<void> | void)[];
  changes: Record<string, unknown>;
  summary: string[];
}

/** Takes the quick actions out of a description or note and works out what they do. `item` is null for what is being created. */
export function interpret(
  call: Call,
  actor: Actor,
  project: ProjectRecord,
  item: Noteable | null,
  source: string,
): Interpreted {
  const { text, commands } = extractCommands(source, { byLines: !since(call.world, 17) });
  const result: Interpreted = { text, found: commands.length > 0, input: {}, after: [], changes: {}, summary: [] };
  for (const command of commands) {
    const done = apply({ world: call.world, actor, project, item, result }, command);
    if (done === null) result.summary.push(`Could not apply ${command.name} command.`);
    else result.summary.push(done);
  }
  return result;
}

interface Scene {
  world: World;
  actor: Actor;
  project: ProjectRecord;
  item: Noteable | null;
  result: Interpreted;
}

/** What GitLab says when the command worked, null when it did not. */
function apply(scene: Scene, { name, argument }: Command): string | null {
  const { world, actor, project, item, result } = scene;
  const role = projectRole(world, actor.user, project);
  const owns = item === null || item.authorId === actor.user.id || item.assigneeIds.includes(actor.user.id);
  const triage = role >= ACCESS.planner;
  const { input, changes } = result;
  switch (name) {
    case 'close':
    case 'reopen':
      if (!owns && !triage) return null;
      input.stateEvent = name;
      changes['state_event'] = name;
      return name === 'close' ? 'Closed this issue.' : 'Reopened this issue.';
    case 'title':
      if ((!owns && !triage) || argument === '') return null;
      input.title = argument;
      changes['title'] = argument;
      return `Changed the title to "${argument}".`;
    case 'label':
    case 'labels':
    case 'unlabel':
    case 'remove_label':
    case 'relabel':
      return triage ? label(scene, name, argument) : null;
    case 'assign':
    case 'reassign':
    case 'unassign':
      return triage ? assign(scene, name, argument) : null;
    case 'assign_reviewer':
    case 'request_review': {
      if (!triage) return null;
      const ids = usersIn(scene, argument);
      input.reviewerIds = ids;
      changes['reviewer_ids'] = ids;
      return 'Assigned a reviewer.';
    }
    case 'milestone': {
      const title = argument.replace(/^%/, '').replaceAll('"', '');
      const milestone = [...project.milestones.values()].find(candidate => candidate.title === title);
      if (!triage || milestone === undefined) return null;
      input.milestoneId = milestone.id;
      changes['milestone_id'] = milestone.id;
      return `Set the milestone to %${title}.`;
    }
    case 'remove_milestone':
      if (!triage) return null;
      input.milestoneId = null;
      changes['milestone_id'] = null;
      return 'Removed milestone.';
    case 'confidential':
      if (item?.kind === 'merge_request' || (!owns && !triage)) return null;
      input.confidential = true;
      changes['confidential'] = true;
      return 'Made this issue confidential.';
    case 'due': {
      const date = new Date(argument);
      if (!triage || Number.isNaN(date.getTime())) return null;
      input.dueDate = date.toISOString().slice(0, 10);
      changes['due_date'] = input.dueDate;
      return `Set the due date to ${input.dueDate}.`;
    }
    case 'remove_due_date':
      input.dueDate = null;
      changes['due_date'] = null;
      return 'Removed the due date.';
    case 'lock':
    case 'unlock':
      if (!triage) return null;
      input.discussionLocked = name === 'lock';
      changes['discussion_locked'] = input.discussionLocked;
      return name === 'lock' ? 'Locked the discussion.' : 'Unlocked the discussion.';
    case 'weight':
      input.weight = Number(argument);
      changes['weight'] = input.weight;
      return `Set weight to ${argument}.`;
    case 'subscribe':
    case 'unsubscribe':
      input.subscribed = name === 'subscribe';
      return name === 'subscribe' ? 'Subscribed to notifications.' : 'Unsubscribed from notifications.';
    case 'shrug':
      result.text = `${result.text} ¯\\\\＿(ツ)＿/¯`.trim();
      return '';
    default:
      return later(scene, name, argument);
  }
}

/** Commands that need the object itself. */
function later({ world, actor, project, item, result }: Scene, name: string, argument: string): string | null {
  const { input, changes, after } = result;
  if (item === null) return null;
  const role = projectRole(world, actor.user, project);
  if (item.kind === 'merge_request')
    return mergeRequestCommand({ world, actor, project, item, result }, name, argument);
  switch (name) {
    case 'move': {
      const target = findProject(world, argument);
      if (target === null || role < ACCESS.planner || projectRole(world, actor.user, target) < ACCESS.planner)
        return null;
      after.push(() => void moveIssue(world, actor, project, item, target));
      changes['target_project'] = target.id;
      return `Moved this issue to ${target.fullPath}.`;
    }
    case 'duplicate': {
      const target = referenced(world, actor, project, argument);
      if (target?.kind !== 'issue') return null;
      after.push(() => {
        item.duplicatedToId = target.id;
        systemNote(world, actor, project, item, 'duplicate', `marked this issue as a duplicate of ${argument}`);
        closeIssue(world, actor, project, item);
      });
      changes['canonical_issue_id'] = target.id;
      return `Closed this issue. Marked as related to, and a duplicate of, ${argument}.`;
    }
    case 'relate':
    case 'link': {
      const target = referenced(world, actor, project, argument);
      if (target?.kind !== 'issue') return null;
      after.push(() => {
        item.links.push({
          id: nextId(world, 'issue_links'),
          issueId: target.id,
          type: 'relates_to',
          createdAt: now(world),
        });
      });
      return `Added ${argument} as a linked item related to this issue.`;
    }
    case 'estimate':
      input.timeEstimate = seconds(argument) ?? 0;
      changes['time_estimate'] = input.timeEstimate;
      return `Set time estimate to ${argument}.`;
    case 'spend':
      input.timeSpent = seconds(argument) ?? 0;
      changes['spend_time'] = { duration: input.timeSpent, user_id: actor.user.id };
      return `Added ${argument} spent time.`;
    default:
      return null;
  }
}

function mergeRequestCommand(
  { world, actor, project, item, result }: Omit<Scene, 'item'> & { item: MergeRequestRecord },
  name: string,
  argument: string,
): string | null {
  const { input, changes, after } = result;
  const developer = projectRole(world, actor.user, project) >= ACCESS.developer || item.authorId === actor.user.id;
  if (!developer) return null;
  switch (name) {
    case 'draft':
    case 'ready':
      if (name === 'draft' && !isDraft(item)) input.title = `Draft: ${item.title}`;
      if (name === 'ready') input.title = withoutDraft(item.title);
      changes['wip_event'] = name;
      return name === 'draft' ? 'Marked this merge request as a draft.' : 'Marked this merge request as ready.';
    case 'target_branch':
      input.targetBranch = argument;
      changes['target_branch'] = argument;
      return `Set target branch to ${argument}.`;
    case 'merge':
      after.push(() => mergeNow(world, actor, project, item, {}));
      changes['merge'] = item.headSha;
      return 'Merged this merge request.';
    case 'approve':
      after.push(() => void item.approvedBy.add(actor.user.id));
      return 'Approved the current merge request.';
    default:
      return null;
  }
}

function label({ world, project, result }: Scene, name: string, argument: string): string | null {
  const known = availableLabels(project, projectGroups(world, project));
  const wanted = [...argument.matchAll(/~"([^"]+)"|~(\S+)|(?:^|\s)([^\s~"]+)/g)].map(
    match => match[1] ?? match[2] ?? match[3] ?? '',
  );
  // Quick actions, unlike the API's add_labels, never make a label up.
  const titles = wanted.filter(title => known.some(candidate => candidate.title === title));
  const { input, changes } = result;
  if (name === 'unlabel' || name === 'remove_label') {
    if (argument === '') input.labels = [];
    else if (titles.length === 0) return null;
    else input.removeLabels = [...(input.removeLabels ?? []), ...titles];
    changes['remove_label_ids'] = known
      .filter(candidate => titles.includes(candidate.title))
      .map(candidate => candidate.id);
    return `Removed ${titles.map(title => `~"${title}"`).join(' ')} label${titles.length === 1 ? '' : 's'}.`;
  }
  if (titles.length === 0) return null;
  if (name === 'relabel') input.labels = titles;
  else input.addLabels = [...(input.addLabels ?? []), ...titles];
  changes['add_label_ids'] = known.filter(candidate => titles.includes(candidate.title)).map(candidate => candidate.id);
  return `Added ${titles.map(title => `~"${title}"`).join(' ')} label${titles.length === 1 ? '' : 's'}.`;
}

function assign(scene: Scene, name: string, argument: string): string | null {
  const { item, result } = scene;
  const { input, changes } = result;
  const ids = usersIn(scene, argument);
  if (name === 'unassign') {
    input.assigneeIds = argument === '' ? [] : (item?.assigneeIds ?? []).filter(id => !ids.includes(id));
  } else {
    if (ids.length === 0) return null;
    input.assigneeIds = name === 'reassign' ? ids : [...ids, ...(item?.assigneeIds ?? [])];
  }
  changes['assignee_ids'] = input.assigneeIds;
  return name === 'unassign' ? 'Removed assignees.' : `Assigned ${argument}.`;
}

function usersIn({ world, actor }: Scene, argument: string): number[] {
  return argument.split(/[\s,]+/).flatMap(word => {
    if (word === 'me' || word === '@me') return [actor.user.id];
    const user = word === '' ? null : findUser(world, word);
    return user === null ? [] : [user.id];
  });
}

function referenced(world: World, actor: Actor, project: ProjectRecord, argument: string): Noteable | null {
  const reference = findReferences(argument, world.baseUrl)[0];
  return reference === undefined ? null : (resolveReference(world, actor, project, reference)?.item ?? null);
}
