import type { CommitInfo } from '../../git/repository.ts';
import type { Actor } from '../http/call.ts';
import { findClosingReferences } from '../text/closing.ts';
import { findReferences, type Reference } from '../text/references.ts';
import { canReadIssue, canReadProject, findProject } from './access.ts';
import { systemNote } from './append-note.ts';
import { namespacePath } from './namespace-path.ts';
import type { IssueRecord, MergeRequestRecord, Noteable, ProjectRecord } from './records.ts';
import type { World } from './world.ts';

export interface Target {
  project: ProjectRecord;
  item: Noteable;
}

/** What a reference names, if the writer may see it: `project#1` is a neighbour, `#1` this project's own. */
export function resolveReference(world: World, actor: Actor, from: ProjectRecord, reference: Reference): Target | null {
  const path = reference.project;
  const project =
    path === null
      ? from
      : (findProject(world, path) ?? findProject(world, `${namespacePath(world, from.namespace)}/${path}`));
  if (project === null || !canReadProject(world, actor.user, project)) return null;
  const item =
    reference.kind === 'issue' ? project.issues.get(reference.iid) : project.mergeRequests.get(reference.iid);
  if (item === undefined) return null;
  if (item.kind === 'issue' && !canReadIssue(world, actor.user, project, item)) return null;
  return { project, item };
}

/** "mentioned in merge request !1": one system note under everything a text names, once per source. */
export function crossReference(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  source: Noteable,
  text: string | null,
): void {
  mention(world, actor, project, text ?? '', {
    key: `${source.kind}:${source.id}`,
    self: source,
    name: target => `${source.kind === 'issue' ? 'issue' : 'merge request'} ${referenceTo(project, target, source)}`,
  });
}

export function crossReferenceCommit(world: World, actor: Actor, project: ProjectRecord, commit: CommitInfo): void {
  mention(world, actor, project, commit.message, {
    key: `commit:${commit.sha}`,
    self: null,
    name: target => `commit ${target.id === project.id ? '' : `${project.fullPath}@`}${commit.sha}`,
  });
}

function mention(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  text: string,
  source: { key: string; self: Noteable | null; name: (target: ProjectRecord) => string },
): void {
  if (!/[#!]|GL-|\[issue:|\/-\//.test(text)) return;
  for (const reference of findReferences(text, world.baseUrl)) {
    const target = resolveReference(world, actor, project, reference);
    if (target === null || target.item === source.self || target.item.referencedFrom.has(source.key)) continue;
    target.item.referencedFrom.add(source.key);
    systemNote(
      world,
      actor,
      target.project,
      target.item,
      'cross_reference',
      `mentioned in ${source.name(target.project)}`,
    );
  }
}

function referenceTo(project: ProjectRecord, target: ProjectRecord, source: Noteable): string {
  return `${target.id === project.id ? '' : project.fullPath}${source.kind === 'issue' ? '#' : '!'}${source.iid}`;
}

/**
 * The issues a merge request closes: from title, description and commit messages, and only when it targets the default
 * branch. For any other target GitLab says "none", however clearly the text speaks.
 */
export function closedIssues(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  item: MergeRequestRecord,
  commits: CommitInfo[],
): IssueRecord[] {
  if (item.targetBranch !== project.defaultBranch) return [];
  const text = [item.title, item.description ?? '', ...commits.map(commit => commit.message)].join('\n');
  return closingIssues(world, actor, project, text);
}

export function closingIssues(world: World, actor: Actor, project: ProjectRecord, text: string): IssueRecord[] {
  const found = new Map<number, IssueRecord>();
  for (const reference of findClosingReferences(text, world.baseUrl)) {
    const target = resolveReference(world, actor, project, reference);
    if (target?.item.kind === 'issue') found.set(target.item.id, target.item);
  }
  return [...found.values()];
}
