import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Balancer, balance } from '../support/balancer.ts';
import { createDatabase, type PostgresServer, startPostgres } from '../support/postgres.ts';
import { builtProgram } from '../support/program.ts';
import { person } from '../support/sandbox-client.ts';
import { HOOK_SECRET, type Installation, install, type ServeProcess } from '../support/service-process.ts';
import { BOXES, BRANCH, LINES } from './history.ts';

const BIN = await builtProgram();
const SECRETS = {
  ci: 'the-secret-of-the-build-server',
  ada: 'the-token-of-ada',
  operator: 'the-token-of-an-operator-for-tests-only',
  freshdesk: 'sandbox',
  'freshdesk-hook': 'a-freshdesk-secret-of-the-tests-only',
};
export const COLUMNS = ['To Do', 'In Development', 'In Review', 'To Test', 'Testing'];
export const ENVIRONMENTS = ['development', 'production'];
export const tokenOf = (name: string): string =>
  ({ ...SECRETS, ...Object.fromEntries(BOXES.map(box => [box, `token-of-${box}-for-tests-only`])) })[name] ?? '';

/** In ms: a lease, and the time until somebody looks for those that ran out. */
const TAKEN_OVER = 20_000;

/** The simulators, the service's processes, their database, and what may be done to them. */
export interface World {
  gitlabUrl: string;
  freshdeskUrl: string;
  /** Where the service answers, whichever of its processes. */
  url: string;
  artifacts: string;
  /** Where the release script writes down what it did. */
  directory: string;
  installations: readonly Installation[];
  /** `kill -9`, and a new start, at once or when the others have taken over; resolves when it answers again. */
  kill(which: number, atOnce: boolean): Promise<void>;
  /** `kill -STOP`, and `kill -CONT` when the others have taken over. */
  pause(which: number): Promise<void>;
  /** `kill -9` of the database's server, and a new start; nothing where the database is a file. */
  killDatabase(): Promise<void>;
  troubles(): { service: number; database: number; pauses: number };
  output(): string;
  close(): Promise<void>;
}

export interface WorldOptions {
  database: 'sqlite' | 'postgres';
  processes: number;
  tickets: number;
}

export async function makeWorld({ database, processes: count, tickets }: WorldOptions): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-chaos-'));
  const closing: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const end of closing.toReversed()) await end();
  };
  try {
    const starting = database === 'postgres' ? startPostgres() : null;
    if (starting) closing.push(() => starting.then(server => server.remove()));
    const sandbox = await startSandboxProcess();
    closing.push(sandbox.close);
    await seed(sandbox, tickets);
    const server = await starting;
    const shared = server ? await createDatabase(server.url) : null;
    await writeFiles(directory);
    const artifacts = join(directory, 'artifacts');
    const installations: Installation[] = [];
    for (let n = 0; n < count; n++) {
      const one = await install(sandbox.gitlabUrl, own => sections(own, directory, sandbox), {
        ...(shared && { postgres: shared.url }),
        service: `artifacts: { directory: ${artifacts} }, api_tokens: [ { name: ops, role: operator, token: { file: ${directory}/operator } } ]`,
      });
      closing.push(() => one.remove());
      installations.push(one);
    }
    const balancer = await balance(installations.map(({ url }) => url));
    closing.push(() => balancer.close());
    for (const one of installations) await tellPublicUrl(one, balancer);
    await addHooks(sandbox, balancer.url);
    const service = await keepServing(installations, server);
    closing.push(service.stop);
    const output = () => `${sandbox.complaints()}${service.output()}`;
    return { ...sandbox, ...service, output, url: balancer.url, artifacts, directory, installations, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Starts the processes, and starts each again that ends without having been stopped: as a service manager does. */
async function keepServing(installations: readonly Installation[], server: PostgresServer | null) {
  const running: ServeProcess[] = [];
  const outputs: string[] = [];
  const troubles = { service: 0, database: 0, pauses: 0 };
  const start = async (which: number): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      const one = await installations[which]!.serve();
      running[which] = one;
      const { exitCode, signalCode } = one.child;
      if (exitCode === null && signalCode === null) return;
      outputs.push(one.output());
      if (attempt === 20) throw new Error(`the service does not start:\n${one.output()}`);
    }
  };
  const isOver = ({ child }: ServeProcess) => child.exitCode !== null || child.signalCode !== null;
  await Promise.all(installations.map((_one, which) => start(which)));
  return {
    kill: async (which: number, atOnce: boolean) => {
      const one = running[which]!;
      if (!isOver(one)) troubles.service++;
      one.child.kill('SIGKILL');
      await one.ended;
      outputs.push(one.output());
      if (!atOnce) await sleep(TAKEN_OVER);
      await start(which);
    },
    pause: async (which: number) => {
      const { child } = running[which]!;
      troubles.pauses++;
      child.kill('SIGSTOP');
      await sleep(TAKEN_OVER);
      child.kill('SIGCONT');
    },
    killDatabase: async () => {
      if (!server) return;
      troubles.database++;
      await server.end('SIGKILL');
      await server.begin();
      for (const [which, one] of running.entries()) if (isOver(one)) await start(which);
    },
    troubles: () => troubles,
    output: () => [...outputs, ...running.map(one => one.output())].join(''),
    stop: async () => {
      await Promise.all(running.map(one => one.stop()));
    },
  };
}

async function startSandboxProcess() {
  const child = spawn(process.execPath, [BIN, 'sandbox', '--gitlab-port', '0', '--freshdesk-port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Of requests that a kill has cut off, mostly: shown when something went wrong.
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const ended = new Promise(resolve => child.once('exit', resolve));
  let text = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('Ctrl-C')) resolve();
    });
    child.once('exit', () => reject(new Error(`the sandbox did not start: ${text}${complaints}`)));
  });
  const addressOf = (name: string) => new RegExp(`${name}: (http://127\\.0\\.0\\.1:\\d+)`).exec(text)?.[1] ?? '';
  return {
    gitlabUrl: addressOf('GitLab'),
    freshdeskUrl: addressOf('Freshdesk'),
    complaints: () => complaints,
    close: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

type Sandbox = Pick<World, 'gitlabUrl' | 'freshdeskUrl'>;

/** Without the limits that only make it longer. */
async function seed({ gitlabUrl, freshdeskUrl }: Sandbox, tickets: number): Promise<void> {
  const limits = { total: 1_000_000, create: 1_000_000, update: 1_000_000, list: 1_000_000 };
  await control(gitlabUrl, 'POST', 'seed', { limits: { notes_create: 0, issues_create: 0 } });
  await control(freshdeskUrl, 'POST', 'seed', { limits, tickets });
}

export async function control(url: string, method: string, what: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${url}/_sandbox/${what}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${what}: ${answer.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

/** The release script does what must not happen twice as its last act. */
async function writeFiles(directory: string): Promise<void> {
  for (const name of [...Object.keys(SECRETS), ...BOXES]) {
    await writeFile(join(directory, name), tokenOf(name), { mode: 0o600 });
  }
  const script = join(directory, 'release.sh');
  await writeFile(
    script,
    `#!/bin/sh\nexec sh -c 'echo "$RELEASE_VERSION $RELEASE_ENVIRONMENT" >> ${directory}/released'\n`,
  );
  await chmod(script, 0o755);
}

function sections(own: string, directory: string, { gitlabUrl, freshdeskUrl }: Sandbox): string {
  const at = (name: string) => `{ file: ${directory}/${name} }`;
  return `gitlab:
  url: ${gitlabUrl}
  token: { file: ${own}/token }
  ops_token: { file: ${own}/ops }
  webhook: { secret_tokens: [ { file: ${own}/hook } ] }
lines:
${LINES.toReversed()
  .map(line => `  - { name: "${line}", branch: ${BRANCH[line]} }`)
  .join('\n')}
freshdesk: { url: ${freshdeskUrl}, api_key: ${at('freshdesk')}, webhook_secret: ${at('freshdesk-hook')}, rate_share: 1 }
version_check: { projects: { acme/appliance: { version: [ { file: VERSION } ] } } }
board:
  projects:
    acme/appliance:
      columns: [${COLUMNS.join(', ')}]
      draft: In Development
escalation:
  project: acme/appliance
  comments_per_minute: 100000
  agents: [ { name: Ada, token: ${at('ada')} } ]
races:
  project: acme/appliance
  new_issues_per_day: 1000
  sources: [ ${BOXES.map(box => `{ name: ${box}, token: ${at(box)} }`).join(', ')} ]
releases:
  products:
    appliance:
      credentials: [ { name: ci, secret: ${at('ci')} } ]
      metadata: { version: required, line: required, environment: required }
      environments: [${ENVIRONMENTS.join(', ')}]
      script: ${directory}/release.sh
      grace: 1s
      # A long history promotes what would have been removed long ago.
      retention: { releases: 100000 }
library_tags: { projects: [ acme/lib-* ] }
`;
}

async function tellPublicUrl({ configFile, url }: Installation, balancer: Balancer): Promise<void> {
  const text = await readFile(configFile, 'utf8');
  await writeFile(configFile, text.replace(`public_url: "${url}"`, `public_url: "${balancer.url}"`));
}

async function addHooks({ gitlabUrl, freshdeskUrl }: Sandbox, url: string): Promise<void> {
  const events = { merge_requests_events: true, push_events: true, note_events: true, issues_events: true };
  for (const project of ['acme%2Fappliance', 'acme%2Flib-ssh']) {
    const hook = { url: `${url}/hooks/gitlab`, token: HOOK_SECRET, tag_push_events: true, ...events };
    const { status } = await person(gitlabUrl, 'admin').post(`/projects/${project}/hooks`, hook);
    if (status !== 201) throw new Error(`no hook: ${status}`);
  }
  const rule = {
    url: `${url}/hooks/freshdesk`,
    headers: { 'X-Signalbox-Secret': tokenOf('freshdesk-hook') },
    body: '{"ticket_id": {{ticket.id}}}',
  };
  await control(freshdeskUrl, 'POST', 'webhooks', rule);
}
