import { rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import type { FreshdeskSeedOptions } from './freshdesk/seed/seed-options.ts';
import { type SimulatedFreshdesk, startFreshdesk } from './freshdesk/start-freshdesk.ts';
import { controlOf, renew } from './gitlab/control.ts';
import { buildRouter } from './gitlab/routes/build-router.ts';
import type { SeedOptions } from './gitlab/seed/seed-options.ts';
import { templateFolder } from './gitlab/seed/template-repository.ts';
import { createGitLabServer } from './gitlab/server.ts';
import type { AnswerSeen } from './gitlab/service.ts';
import { createWorld, settled, type Tier } from './gitlab/state/world.ts';

export type { FreshdeskSeedOptions } from './freshdesk/seed/seed-options.ts';
export type { SeedOptions } from './gitlab/seed/seed-options.ts';

export interface Sandbox {
  gitlab: { url: string; port: number };
  freshdesk: Pick<SimulatedFreshdesk, 'url' | 'port' | 'filesUrl'>;
  /** Resolves when no background job and no webhook is under way. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface SandboxOptions {
  /** 0 (default) = any free one. */
  gitlabPort?: number;
  /** The same for the simulated Freshdesk. */
  freshdeskPort?: number;
  /** Where the bare repositories are; default a temporary folder that is removed on close. */
  gitDir?: string;
  /** false = an empty instance with nobody in it; default true. */
  seed?: boolean | SeedOptions;
  /** false = a Freshdesk account without anybody; default true. */
  freshdeskSeed?: boolean | FreshdeskSeedOptions;
  /** Freshdesk's clock, in ms since 1970: decides when a signed URL has expired. */
  clock?: () => number;
  version?: string;
  tier?: Tier;
  /** Sees every answer of the API, e.g. to check it against GitLab's schemas. It may not throw. */
  onAnswer?: (answer: AnswerSeen) => void;
}

type Observer = (answer: AnswerSeen) => void;

/**
 * Whom answers are shown to: the caller, and the module that SIGNALBOX_SANDBOX_OBSERVER names (its `onAnswer`), so that a
 * whole test suite can be watched, the processes it starts included.
 */
async function observer(options: SandboxOptions): Promise<Observer | undefined> {
  const name = process.env['SIGNALBOX_SANDBOX_OBSERVER'];
  if (name === undefined || name === '') return options.onAnswer;
  const module = (await import(name)) as { onAnswer: Observer };
  return answer => {
    module.onAnswer(answer);
    options.onAnswer?.(answer);
  };
}

/** Starts the simulated GitLab and Freshdesk on 127.0.0.1, seeded, in well under a second. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const world = await createWorld({ gitDir: options.gitDir });
  const settings = {
    ...(options.version === undefined ? {} : { version: options.version }),
    ...(options.tier === undefined ? {} : { tier: options.tier }),
  };
  const seed = options.seed === false ? null : typeof options.seed === 'object' ? options.seed : {};
  const control = controlOf(world, { settings, seed });
  const server = createGitLabServer({ world, router: buildRouter(), control, onAnswer: await observer(options) });
  async function start(): Promise<{ port: number; freshdesk: SimulatedFreshdesk }> {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.gitlabPort ?? 0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    world.baseUrl = `http://127.0.0.1:${port}`;
    await renew(world, settings, seed);
    const freshdesk = await startFreshdesk({
      port: options.freshdeskPort ?? 0,
      seed: options.freshdeskSeed ?? true,
      clock: options.clock ?? Date.now,
    });
    return { port, freshdesk };
  }

  async function end(): Promise<void> {
    world.closed = true;
    world.deliveries.abort();
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
    await settled(world);
    // Of a start that failed, some may still be built.
    await Promise.allSettled(world.templates.values());
    for (const project of world.projects.values()) project.repository.close();
    await rm(options.gitDir === undefined ? world.gitDir : templateFolder(world), { recursive: true, force: true });
  }

  const { port, freshdesk } = await start().catch(async (error: unknown) => {
    await end().catch(() => undefined);
    throw error;
  });
  return {
    gitlab: { url: world.baseUrl, port },
    freshdesk: { url: freshdesk.url, port: freshdesk.port, filesUrl: freshdesk.filesUrl },
    async settled() {
      await settled(world);
      await freshdesk.settled();
    },
    async close() {
      await freshdesk.close();
      await end();
    },
  };
}
