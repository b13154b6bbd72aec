import type { CommitInfo, RefUpdate } from '../../git/repository.ts';
import { listeners, publish } from '../delivery/deliver.ts';
import type { Actor } from '../http/call.ts';
import { hookCommit } from '../present/merge-request.ts';
import { hookProject, hookRepository } from '../present/project.ts';
import { avatarUrl } from '../present/user.ts';
import type { ProjectRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';

export const ZERO = '0'.repeat(40);
const COMMITS_IN_PAYLOAD = 20;

/** Tells of one moved branch or tag. */
export async function pushEvent(world: World, actor: Actor, project: ProjectRecord, update: RefUpdate): Promise<void> {
  const tag = update.ref.startsWith('refs/tags/');
  const occurrence = {
    project,
    actor,
    trigger: tag ? ('tag_push_events' as const) : ('push_events' as const),
    eventName: tag ? 'Tag Push Hook' : 'Push Hook',
    ...(tag ? {} : { branch: update.ref.replace('refs/heads/', '') }),
  };
  if (listeners(world, occurrence).length === 0) return;
  const payload = await pushPayload(world, actor, project, update);
  publish(world, occurrence, () => payload);
}

export async function pushPayload(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  update: RefUpdate,
): Promise<Record<string, unknown>> {
  const tag = update.ref.startsWith('refs/tags/');
  const checkout =
    update.after === ZERO
      ? null
      : await project.repository.resolve(update.ref.startsWith('refs/') ? update.after : update.ref);
  const { commits, total } = await pushedCommits(project, update);
  const described = await Promise.all(commits.map(commit => describe(world, project, commit)));
  const repository = hookRepository(world, project);
  const details = hookProject(world, project);
  return {
    object_kind: tag ? 'tag_push' : 'push',
    event_name: tag ? 'tag_push' : 'push',
    before: update.before,
    after: update.after,
    ref: update.ref,
    ref_protected: project.protectedBranches.has(update.ref.replace('refs/heads/', '')),
    checkout_sha: checkout,
    message:
      tag && update.after !== ZERO
        ? ((await project.repository.tag(update.ref.replace('refs/tags/', '')))?.message ?? '')
        : null,
    user_id: actor.user.id,
    user_name: actor.user.name,
    user_username: actor.user.username,
    user_email: '',
    user_avatar: avatarUrl(actor.user),
    project_id: project.id,
    project: details,
    commits: described,
    total_commits_count: total,
    push_options: {},
    repository: {
      ...repository,
      git_http_url: details['git_http_url'],
      git_ssh_url: details['git_ssh_url'],
      visibility_level: details['visibility_level'],
    },
  };
}

/** The newest 20 commits of a push, oldest first; of a new branch those the default branch does not have. */
export async function pushedCommits(
  project: ProjectRecord,
  update: RefUpdate,
  limit = COMMITS_IN_PAYLOAD,
): Promise<{ commits: CommitInfo[]; total: number }> {
  const { repository } = project;
  if (update.after === ZERO) return { commits: [], total: 0 };
  if (update.ref.startsWith('refs/tags/')) {
    const commit = await repository.commit(update.after);
    return { commits: commit === null ? [] : [commit], total: commit === null ? 0 : 1 };
  }
  const base = update.before !== ZERO ? update.before : await defaultHead(project, update.ref);
  const revision = base === null ? update.after : `${base}..${update.after}`;
  const commits = await repository.log({ revision, limit });
  const total =
    base === null ? (await repository.log({ revision })).length : await repository.commitCount(base, update.after);
  return { commits: commits.reverse(), total };
}

async function defaultHead(project: ProjectRecord, ref: string): Promise<string | null> {
  const name = `refs/heads/${project.defaultBranch}`;
  return ref === name ? null : project.repository.resolve(name);
}

async function describe(world: World, project: ProjectRecord, commit: CommitInfo): Promise<Record<string, unknown>> {
  const files = await project.repository.diff(commit.parentShas[0] ?? ZERO, commit.sha);
  return {
    ...hookCommit(world, project, commit),
    added: files.filter(file => file.newFile).map(file => file.newPath),
    modified: files.filter(file => !file.newFile && !file.deletedFile).map(file => file.newPath),
    removed: files.filter(file => file.deletedFile).map(file => file.oldPath),
  };
}
