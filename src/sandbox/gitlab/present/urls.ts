import type { GroupRecord, IssueRecord, MergeRequestRecord, NoteRecord, ProjectRecord } from '../state/records.ts';
import { since, type World } from '../state/world.ts';

export function projectUrl(world: World, project: ProjectRecord): string {
  return `${world.baseUrl}/${project.fullPath}`;
}
export function groupUrl(world: World, group: GroupRecord): string {
  return `${world.baseUrl}/groups/${group.fullPath}`;
}
/** GitLab 18.10 moved issues to `/-/work_items/`. */
export function issueUrl(world: World, project: ProjectRecord, issue: IssueRecord): string {
  return `${projectUrl(world, project)}/-/${since(world, 18, 10) ? 'work_items' : 'issues'}/${issue.iid}`;
}
export function mergeRequestUrl(world: World, project: ProjectRecord, mergeRequest: MergeRequestRecord): string {
  return `${projectUrl(world, project)}/-/merge_requests/${mergeRequest.iid}`;
}
export function noteableUrl(world: World, project: ProjectRecord, noteable: IssueRecord | MergeRequestRecord): string {
  return noteable.kind === 'issue' ? issueUrl(world, project, noteable) : mergeRequestUrl(world, project, noteable);
}
export function commitUrl(world: World, project: ProjectRecord, sha: string): string {
  return `${projectUrl(world, project)}/-/commit/${sha}`;
}
export function noteUrl(
  world: World,
  project: ProjectRecord,
  noteable: IssueRecord | MergeRequestRecord,
  note: NoteRecord,
): string {
  return `${noteableUrl(world, project, noteable)}#note_${note.id}`;
}
export function sshUrl(world: World, project: ProjectRecord): string {
  return `git@${new URL(world.baseUrl).hostname}:${project.fullPath}.git`;
}
