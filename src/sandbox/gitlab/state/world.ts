import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultBook } from '../../control/faults.ts';
import { emptyOAuthState, type OAuthState } from '../oauth/records.ts';
import type {
  GroupRecord,
  HookRecord,
  IssueRecord,
  MergeRequestRecord,
  ProjectRecord,
  TokenRecord,
  UserRecord,
} from './records.ts';

export type Tier = 'free' | 'premium' | 'ultimate';

/** The switches of the instance: version and tier decide what it can do, the rest are application settings. */
export interface Settings {
  version: string;
  tier: Tier;
  /** GitLab's ops flag `auto_disabling_web_hooks`: off on a self-managed instance unless someone switches it on. */
  autoDisableHooks: boolean;
  webhookTimeoutMs: number;
  /** How long background jobs and webhooks wait before they start: a busy Sidekiq. */
  backgroundDelayMs: number;
  /** Requests per minute and user; 0 = no limit. The defaults are GitLab's own for a self-managed instance. */
  limits: { notesCreate: number; issuesCreate: number; hookTest: number };
  /** The throttle every answer's RateLimit headers speak of. */
  throttle: { limit: number; windowSeconds: number };
  maxAttachmentBytes: number;
  pushEventHooksLimit: number;
  application: Record<string, unknown>;
}

/** Everything one simulated instance knows. */
export interface World {
  settings: Settings;
  /** `http://127.0.0.1:8929`, without a slash at the end. */
  baseUrl: string;
  gitDir: string;
  /** Repositories of the seed that are ready to be copied. */
  templates: Map<string, Promise<string>>;
  ids: Map<string, number>;
  users: Map<number, UserRecord>;
  tokens: Map<string, TokenRecord>;
  groups: Map<number, GroupRecord>;
  projects: Map<number, ProjectRecord>;
  projectsByPath: Map<string, ProjectRecord>;
  issuesById: Map<number, IssueRecord>;
  mergeRequestsById: Map<number, MergeRequestRecord>;
  systemHooks: Map<number, HookRecord>;
  /** Loop guard: which hooks fired already in the chain a client named with X-Gitlab-Event-UUID. */
  chains: Map<string, { hooks: Set<number>; until: number }>;
  /** Background jobs (Sidekiq in GitLab) that were started and have not ended. */
  jobs: Set<Promise<void>>;
  /** `user:label`. */
  labelSubscriptions: Set<string>;
  /** Counters of the application limits. */
  counters: Map<string, { count: number; resetAt: number }>;
  oauth: OAuthState;
  lastTick: number;
  faults: FaultBook;
  /** Ends the deliveries that are under way when the instance is emptied or closed. */
  deliveries: AbortController;
  closed: boolean;
}

export const DEFAULT_SETTINGS: Settings = {
  version: '18.9.2',
  tier: 'free',
  autoDisableHooks: false,
  webhookTimeoutMs: 10_000,
  backgroundDelayMs: 0,
  limits: { notesCreate: 300, issuesCreate: 0, hookTest: 5 },
  throttle: { limit: 600_000, windowSeconds: 60 },
  maxAttachmentBytes: 100 * 1024 * 1024,
  pushEventHooksLimit: 3,
  application: {},
};

/** An instance without a user, a project or a repository. */
export async function createWorld(
  options: { gitDir?: string | undefined; settings?: Partial<Settings> } = {},
): Promise<World> {
  const gitDir = options.gitDir ?? (await mkdtemp(join(tmpdir(), 'signalbox-sandbox-')));
  return {
    settings: structuredClone({ ...DEFAULT_SETTINGS, ...options.settings }),
    baseUrl: 'http://127.0.0.1',
    gitDir,
    templates: new Map(),
    ids: new Map(),
    users: new Map(),
    tokens: new Map(),
    groups: new Map(),
    projects: new Map(),
    projectsByPath: new Map(),
    issuesById: new Map(),
    mergeRequestsById: new Map(),
    systemHooks: new Map(),
    chains: new Map(),
    jobs: new Set(),
    labelSubscriptions: new Set(),
    counters: new Map(),
    oauth: emptyOAuthState(),
    lastTick: 0,
    faults: new FaultBook(),
    deliveries: new AbortController(),
    closed: false,
  };
}

/** Empties the instance: everything but its settings, its address and its folder. */
export async function emptyWorld(world: World): Promise<void> {
  world.deliveries.abort();
  await settled(world);
  world.deliveries = new AbortController();
  for (const project of world.projects.values()) {
    project.repository.close();
    await rm(project.repository.path, { recursive: true, force: true });
  }
  const { ids, users, tokens, groups, projects, projectsByPath, issuesById, mergeRequestsById } = world;
  for (const table of [ids, users, tokens, groups, projects, projectsByPath, issuesById, mergeRequestsById])
    table.clear();
  world.oauth = emptyOAuthState();
  for (const table of [world.systemHooks, world.chains, world.counters, world.labelSubscriptions]) table.clear();
}

/** The next id of a table; every table counts on its own, as in a database. */
export function nextId(world: World, table: string): number {
  const id = (world.ids.get(table) ?? 0) + 1;
  world.ids.set(table, id);
  return id;
}

/** How far `now` may run ahead of the clock to keep two writes apart. */
const AHEAD_MS = 50;

/**
 * Now, in milliseconds, never going back: GitLab's database keeps microseconds, so that two writes always differ in
 * `updated_at`. Only in a burst of more than 50 writes in a millisecond (a bulk seed) do neighbours share a moment.
 */
export function now(world: World): string {
  const clock = Date.now();
  if (clock > world.lastTick) world.lastTick = clock;
  else if (world.lastTick < clock + AHEAD_MS) world.lastTick += 1;
  return new Date(world.lastTick).toISOString();
}

/** Runs something after the answer has left, as GitLab's background workers do. */
export function later(world: World, job: () => Promise<void> | void, delayMs = 0): void {
  const running: Promise<void> = new Promise<void>(resolve =>
    setTimeout(resolve, delayMs + world.settings.backgroundDelayMs),
  )
    .then(() => (world.closed ? undefined : job()))
    .catch((error: unknown) => {
      if (!world.closed) console.error('sandbox: background job failed', error);
    })
    .finally(() => {
      world.jobs.delete(running);
    });
  world.jobs.add(running);
}

/** Resolves when no background job and no webhook delivery is under way. */
export async function settled(world: World): Promise<void> {
  while (world.jobs.size > 0) await Promise.allSettled(world.jobs);
}

/** Is the instance at least this version? */
export function since(world: World, major: number, minor = 0): boolean {
  const [haveMajor = 0, haveMinor = 0] = world.settings.version.split('.').map(Number);
  return haveMajor > major || (haveMajor === major && haveMinor >= minor);
}

/** Does the licence include what this tier adds? */
export function licensed(world: World, tier: 'premium' | 'ultimate'): boolean {
  return world.settings.tier === 'ultimate' || world.settings.tier === tier;
}
