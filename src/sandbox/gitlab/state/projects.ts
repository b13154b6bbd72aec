import { cpSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createRepository, openRepository } from '../../git/repository.ts';
import { namespacePath } from './namespace-path.ts';
import { addMember } from './people.ts';
import { onRefsUpdated } from './pushes.ts';
import { ACCESS, type ProjectRecord, type UserRecord } from './records.ts';
import { nextId, now, type World } from './world.ts';

export interface NewProject {
  name: string;
  path: string;
  namespace: ProjectRecord['namespace'];
  creator: UserRecord;
  description?: string | null;
  visibility?: ProjectRecord['visibility'];
  defaultBranch?: string;
  /** Take over a copy of this project's repository. */
  forkOf?: ProjectRecord;
  /** Copy this bare repository instead of making an empty one. */
  copyOf?: string;
}

/** A new project on a new bare repository; its default branch is protected as soon as it exists, as GitLab does. */
export async function createProject(world: World, wanted: NewProject): Promise<ProjectRecord> {
  const id = nextId(world, 'projects');
  const at = now(world);
  const defaultBranch = wanted.defaultBranch ?? wanted.forkOf?.defaultBranch ?? 'main';
  const directory = join(world.gitDir, `${id}.git`);
  await mkdir(world.gitDir, { recursive: true });
  await rm(directory, { recursive: true, force: true });
  const origin = wanted.copyOf ?? wanted.forkOf?.repository.path;
  // The synchronous copy is ten times as fast: a few dozen small files.
  if (origin !== undefined) cpSync(origin, directory, { recursive: true });
  const repository =
    origin === undefined ? await createRepository(directory, { defaultBranch }) : await openRepository(directory);
  const project: ProjectRecord = {
    id,
    name: wanted.name,
    path: wanted.path,
    fullPath: `${namespacePath(world, wanted.namespace)}/${wanted.path}`,
    namespace: wanted.namespace,
    description: wanted.description ?? null,
    visibility: wanted.visibility ?? 'private',
    archived: false,
    topics: [],
    createdAt: at,
    lastActivityAt: at,
    creatorId: wanted.creator.id,
    defaultBranch,
    forkedFromId: wanted.forkOf?.id ?? null,
    settings: {
      issuesEnabled: true,
      mergeRequestsEnabled: true,
      onlyAllowMergeIfAllDiscussionsAreResolved: false,
      onlyAllowMergeIfPipelineSucceeds: false,
      allowMergeOnSkippedPipeline: null,
      onlyAllowMergeIfAllStatusChecksPassed: false,
      autocloseReferencedIssues: true,
      removeSourceBranchAfterMerge: true,
      mergeMethod: 'merge',
      squashOption: 'default_off',
      mergeRequestTitleRegex: null,
    },
    extra: {},
    repository,
    members: new Map(),
    labels: new Map(),
    milestones: new Map(),
    boards: new Map(),
    issues: new Map(),
    mergeRequests: new Map(),
    nextIids: { issue: 1, mergeRequest: 1, milestone: 1, pipeline: 1 },
    hooks: new Map(),
    releases: new Map(),
    commitStatuses: [],
    pipelines: new Map(),
    commitNotes: new Map(),
    protectedBranches: new Map(),
    protectedTags: new Map(),
    uploads: new Map(),
    statusChecks: new Map(),
    accessTokens: [],
  };
  protect(world, project.protectedBranches, defaultBranch);
  if (wanted.namespace.kind === 'user') addMember(world, project, wanted.namespace.userId, ACCESS.owner);
  world.projects.set(id, project);
  world.projectsByPath.set(project.fullPath.toLowerCase(), project);
  repository.onUpdate((updates, by) => onRefsUpdated(world, project, updates, by));
  return project;
}

export function protect(
  world: World,
  rules: ProjectRecord['protectedBranches'],
  name: string,
  levels: { push?: number; merge?: number; allowForcePush?: boolean; codeOwners?: boolean } = {},
): void {
  rules.set(name, {
    id: nextId(world, 'protected_refs'),
    name,
    pushLevel: levels.push ?? ACCESS.maintainer,
    mergeLevel: levels.merge ?? ACCESS.maintainer,
    allowForcePush: levels.allowForcePush ?? false,
    codeOwnerApproval: levels.codeOwners ?? false,
  });
}

/** Gone with everything in it; merge requests from this fork stay in their target with `source: null`. */
export async function deleteProject(world: World, project: ProjectRecord): Promise<void> {
  world.projects.delete(project.id);
  world.projectsByPath.delete(project.fullPath.toLowerCase());
  for (const issue of project.issues.values()) world.issuesById.delete(issue.id);
  for (const item of project.mergeRequests.values()) world.mergeRequestsById.delete(item.id);
  for (const item of world.mergeRequestsById.values())
    if (item.sourceProjectId === project.id) item.sourceProjectId = null;
  project.repository.close();
  await rm(project.repository.path, { recursive: true, force: true });
}
