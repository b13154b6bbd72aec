import type { Controlled } from '../control/control-routes.ts';
import { RequestLog } from '../control/request-log.ts';
import { labelTitles } from './present/issuable.ts';
import { discussionsOf, isDiscussionResolvable, isDiscussionResolved } from './present/note.ts';
import { seedWorld } from './seed/seed.ts';
import { type SeedOptions, seedOptions } from './seed/seed-options.ts';
import { detailedMergeStatus } from './state/mergeability.ts';
import type { ProjectRecord } from './state/records.ts';
import { DEFAULT_SETTINGS, emptyWorld, type Settings, settled, type World } from './state/world.ts';

/** The simulator's `/_sandbox/`: `start` is what a reset goes back to. */
export function controlOf(world: World, start: { settings: Partial<Settings>; seed: SeedOptions | null }): Controlled {
  const requests = new RequestLog();
  return {
    faults: world.faults,
    requests,
    async reset() {
      await renew(world, start.settings, start.seed);
      world.faults.clear();
      requests.clear();
    },
    async seed(given) {
      await renew(world, start.settings, { ...start.seed, ...seedOptions.parse(given) });
      return summary(world);
    },
    state: () => describe(world),
    settle: () => settled(world),
  };
}

/** Empties the instance, applies version, tier and limits, and seeds unless there is nothing to seed. */
export async function renew(world: World, settings: Partial<Settings>, seed: SeedOptions | null): Promise<void> {
  await emptyWorld(world);
  Object.assign(world.settings, structuredClone({ ...DEFAULT_SETTINGS, ...settings }));
  if (seed === null) return;
  const { settings: current } = world;
  current.version = seed.version ?? current.version;
  current.tier = seed.tier ?? current.tier;
  current.autoDisableHooks = seed.auto_disable_hooks ?? current.autoDisableHooks;
  current.webhookTimeoutMs = seed.webhook_timeout_ms ?? current.webhookTimeoutMs;
  current.limits.notesCreate = seed.limits?.notes_create ?? current.limits.notesCreate;
  current.limits.issuesCreate = seed.limits?.issues_create ?? current.limits.issuesCreate;
  current.limits.hookTest = seed.limits?.hook_test ?? current.limits.hookTest;
  await seedWorld(world, seed);
  current.backgroundDelayMs = seed.background_delay_ms ?? current.backgroundDelayMs;
}

function summary(world: World): Record<string, unknown> {
  return {
    version: world.settings.version,
    tier: world.settings.tier,
    url: world.baseUrl,
    users: [...world.users.values()].map(user => ({
      id: user.id,
      username: user.username,
      bot: user.bot,
      admin: user.isAdmin,
    })),
    tokens: [...world.tokens.values()].map(token => ({
      token: token.token,
      user: world.users.get(token.userId)?.username,
      scopes: token.scopes,
    })),
  };
}

/** Everything a test or a person wants to see at a glance, with other words than the API so that nobody mistakes it for that. */
async function describe(world: World): Promise<Record<string, unknown>> {
  const projects = await Promise.all([...world.projects.values()].map(project => describeProject(world, project)));
  return { ...summary(world), pending: world.jobs.size, projects };
}

async function describeProject(world: World, project: ProjectRecord): Promise<Record<string, unknown>> {
  const username = (id: number | null) => (id === null ? null : (world.users.get(id)?.username ?? null));
  return {
    id: project.id,
    path: project.fullPath,
    default_branch: project.defaultBranch,
    branches: await project.repository.branches(),
    tags:
      (await project.repository.tags()).length > 200
        ? `${(await project.repository.tags()).length} tags`
        : (await project.repository.tags()).map(tag => ({ name: tag.name, sha: tag.commit.sha, message: tag.message })),
    labels: [...project.labels.values()].map(label => label.title),
    hooks: [...project.hooks.values()].map(hook => ({ id: hook.id, url: hook.url, deliveries: hook.log.length })),
    releases: [...project.releases.keys()],
    issues: [...project.issues.values()].map(issue => ({
      iid: issue.iid,
      title: issue.title,
      description: issue.description,
      state: issue.state,
      confidential: issue.confidential,
      labels: labelTitles(world, project, issue),
      notes: issue.notes.map(note => ({
        id: note.id,
        author: username(note.authorId),
        body: note.body,
        system: note.system,
        internal: note.internal,
      })),
    })),
    merge_requests: [...project.mergeRequests.values()].map(item => ({
      iid: item.iid,
      title: item.title,
      state: item.state,
      source_branch: item.sourceBranch,
      target_branch: item.targetBranch,
      sha: item.headSha,
      detailed_merge_status: detailedMergeStatus(world, project, item),
      labels: labelTitles(world, project, item),
      discussions: discussionsOf(item).map(discussion => ({
        id: discussion.id,
        resolvable: isDiscussionResolvable(discussion),
        resolved: isDiscussionResolved(discussion),
        notes: discussion.notes.map(note => ({
          id: note.id,
          author: username(note.authorId),
          body: note.body,
          system: note.system,
        })),
      })),
    })),
  };
}
