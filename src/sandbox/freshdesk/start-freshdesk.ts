import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { controlOf, renew } from './control.ts';
import { createFilesServer } from './files-server.ts';
import { type FreshdeskSeedOptions, freshdeskSeedOptions } from './seed/seed-options.ts';
import { createFreshdeskServer } from './server.ts';
import { createWorld, settled } from './state/world.ts';

export interface SimulatedFreshdesk {
  /** API, agents' page and `/_sandbox/`. */
  url: string;
  port: number;
  /** Where attachments and inline images are served: another origin, as with the real thing. */
  filesUrl: string;
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface FreshdeskOptions {
  /** 0 (default) = any free one. Attachments are on a port of their own, always any free one. */
  port?: number;
  /** false = an empty account, without agents. */
  seed?: boolean | FreshdeskSeedOptions;
  /** Milliseconds since 1970; default the machine's. `/_sandbox/clock` moves it on. */
  clock?: () => number;
}

/** Starts the simulated Freshdesk account on 127.0.0.1, seeded. Fails when the port is taken or the seed makes no sense. */
export async function startFreshdesk(options: FreshdeskOptions = {}): Promise<SimulatedFreshdesk> {
  const { port = 0, seed = true, clock = Date.now } = options;
  const start = seed === false ? null : freshdeskSeedOptions.parse(seed === true ? {} : seed);
  const world = createWorld(clock);
  const control = controlOf(world, start);
  const server = createFreshdeskServer(world, control);
  const files = createFilesServer(world, control.requests);
  world.filesUrl = await listen(files, 0);
  world.baseUrl = await listen(server, port).catch((error: unknown) => {
    files.close();
    throw error;
  });
  renew(world, start);
  return {
    url: world.baseUrl,
    port: (server.address() as AddressInfo).port,
    filesUrl: world.filesUrl,
    settled: () => settled(world),
    async close() {
      world.closed = true;
      world.life.abort();
      await Promise.all([stop(server), stop(files)]);
      await settled(world);
    },
  };
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
}
