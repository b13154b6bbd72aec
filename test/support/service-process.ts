import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { createDatabase } from './postgres.ts';
import { builtProgram } from './program.ts';

export const BIN = await builtProgram();

/** A data directory and a configuration for real `signalbox serve` processes, one after the other. */
export interface Installation {
  url: string;
  directory: string;
  configFile: string;
  /** Resolves when the process answers; with `crashAt` it may also have ended before. */
  serve(environment?: Record<string, string>, program?: string): Promise<ServeProcess>;
  remove(): Promise<void>;
}

export interface ServeProcess {
  child: ChildProcess;
  /** Everything written to standard output and error so far. */
  output: () => string;
  /** The signal or exit code that ended it. */
  ended: Promise<NodeJS.Signals | number | null>;
  stop(): Promise<void>;
}

export const HOOK_SECRET = 'a-secret-for-the-hook';

/** What stands in the configuration besides `service`. */
export type Sections = (directory: string) => string;

export async function install(
  gitlabUrl: string,
  sections: Sections = versionCheck(gitlabUrl),
  more: { postgres?: string; service?: string } = {},
): Promise<Installation> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await writeFile(join(directory, 'token'), 'glpat-sandbox-bot', { mode: 0o600 });
  await writeFile(join(directory, 'ops'), 'glpat-sandbox-admin', { mode: 0o600 });
  await writeFile(join(directory, 'hook'), HOOK_SECRET, { mode: 0o600 });
  const service = [`listen: "127.0.0.1:${port}"`, `public_url: "${url}"`, `data_dir: ${directory}/data`];
  // Where the tests run a second time, for PostgreSQL; see vitest.config.ts.
  const again = process.env['SIGNALBOX_TEST_DATABASE'] === 'postgres' && more.postgres === undefined;
  const own = again ? await createDatabase(process.env['SIGNALBOX_TEST_POSTGRES'] ?? '') : undefined;
  const postgres = more.postgres ?? own?.url;
  if (postgres !== undefined) {
    await writeFile(join(directory, 'postgres'), postgres, { mode: 0o600 });
    service.push(`database: { postgres: { file: ${directory}/postgres } }`);
  }
  if (more.service !== undefined) service.push(more.service);
  const configFile = join(directory, 'signalbox.yaml');
  await writeFile(
    configFile,
    `service: { ${service.join(', ')} }
${sections(directory)}`,
  );
  const children: ChildProcess[] = [];
  return {
    url,
    directory,
    configFile,
    serve: (environment, program) => serve(configFile, url, environment ?? {}, children, program),
    remove: async () => {
      // A test that failed has left its process.
      for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await own?.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function versionCheck(gitlabUrl: string): Sections {
  return directory => `gitlab:
  url: ${gitlabUrl}
  token: { file: ${directory}/token }
  ops_token: { file: ${directory}/ops }
  webhook: { secret_tokens: [ { file: ${directory}/hook } ] }
lines:
  - { name: "5.5", branch: main }
  - { name: "5.4", branch: release/5.4 }
  - { name: "5.3", branch: release/5.3 }
version_check:
  projects:
    acme/appliance: { version: [ { file: VERSION } ] }
`;
}

export async function serve(
  configFile: string,
  url: string,
  environment: Record<string, string>,
  children: ChildProcess[] = [],
  program: string = BIN,
): Promise<ServeProcess> {
  const child = spawn(process.execPath, [program, 'serve', '--config', configFile], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const endToo = () => child.kill('SIGKILL');
  process.once('exit', endToo);
  child.once('exit', () => process.off('exit', endToo));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const ended = new Promise<NodeJS.Signals | number | null>(resolve => {
    child.once('exit', (code, signal) => resolve(signal ?? code));
  });
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  // A guard against hanging only: on a machine with much other work a start takes long.
  const end = Date.now() + 180_000;
  while (!isOver()) {
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    if (answer?.ok) break;
    if (Date.now() > end) throw new Error(`the service did not get ready:\n${output}`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  return {
    child,
    output: () => output,
    ended,
    stop: async () => {
      if (!isOver()) child.kill('SIGTERM');
      await ended;
    },
  };
}
