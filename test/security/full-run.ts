import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import type { Stage } from '../../src/cli/demo/chapter.ts';
import { CHAPTERS } from '../../src/cli/demo/chapters.ts';
import { type Played, play } from '../../src/cli/demo/play.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import type { Service } from '../../src/service/compose.ts';
import { freePort } from '../support/free-port.ts';
import { startIssuer } from '../support/id-tokens.ts';
import { builtProgram } from '../support/program.ts';
import { type ServeProcess, serve } from '../support/service-process.ts';
import { type Reference, type SecretKey, secretKeys } from './secret-keys.ts';
import { filesBelow, type Secret, type Trace } from './secret-search.ts';

const BIN = await builtProgram();
/** Long, and with the characters that JSON and addresses write in another way. */
const distinct = (name: string) => `${name}-"\\+/${randomBytes(18).toString('base64')}`;

/** A release script that tells all it can see of us, and prints a secret that it should have kept to itself. */
const CURIOUS_SCRIPT = `#!/bin/sh
set -eu
. "$2"
for process in self $PPID; do cat /proc/$process/environ /proc/$process/cmdline; done >> "$(dirname "$0")/seen-by-the-script"
env >> "$(dirname "$0")/seen-by-the-script"
cat "$(dirname "$0")/release-secret"
echo "$RELEASE_PRODUCT $RELEASE_VERSION" >> "$(dirname "$0")/released"
`;

/** Sandbox, a service in a process of its own with a secret in every place that can have one, and all that is left of them. */
export interface FullRun {
  url: string;
  directory: string;
  gitlabUrl: string;
  freshdeskUrl: string;
  keys: readonly SecretKey[];
  /** Everything that must not be seen anywhere; more can be added. */
  secrets: Secret[];
  /** What was shown or sent so far. */
  traces: Trace[];
  secret: (place: string) => string;
  /** The six automations, as the demo plays them. */
  playStory(): Promise<Played[]>;
  /** One request; the answer is kept. `bearer` is a token or a place that has one. */
  ask(method: string, path: string, init?: RequestInit & { bearer?: string }): Promise<Response & { shown: string }>;
  /** A command in a process of its own; what it prints is kept. */
  signalbox(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  idToken(claims?: object): string;
  faults(...rules: unknown[]): Promise<void>;
  calm(): Promise<void>;
  kill(): Promise<void>;
  serve(): Promise<void>;
  /** The service's own command line. */
  commandLine(): Promise<Buffer>;
  /** Ends it: everything that was shown, sent, printed, and written below the directory but for the secrets' own files. */
  everything(): Promise<Trace[]>;
  close(): Promise<void>;
}

export async function startFullRun(): Promise<FullRun> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-secrets-'));
  const credentials = join(directory, 'credentials');
  await mkdir(credentials);
  const apiKey = distinct('freshdesk');
  const sandbox = await startSandbox({ freshdeskSeed: { api_key: apiKey } });
  const issuer = await startIssuer();
  const collector = await startCollector();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const environment: Record<string, string> = {
    VIEWER_TOKEN: distinct('viewer'),
    CREDENTIALS_DIRECTORY: credentials,
    SIGNALBOX_URL: url,
  };
  const gitlab = async (method: string, path: string, body?: unknown, token = 'glpat-sandbox-admin') => {
    const answer = await fetch(`${sandbox.gitlab.url}${path}`, {
      method,
      headers: { 'private-token': token, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, body: (text === '' ? null : JSON.parse(text)) as never };
  };
  const bot: { id: number } = (await gitlab('GET', '/api/v4/user', undefined, 'glpat-sandbox-bot')).body;
  const tokenFor = async (id: number) => {
    const made = await gitlab('POST', `/api/v4/users/${id}/impersonation_tokens`, { name: 'a token', scopes: ['api'] });
    return (made.body as { token: string }).token;
  };
  const application: { application_id: string; secret: string } = (
    await gitlab('POST', '/api/v4/applications', {
      name: 'Signalbox',
      redirect_uri: `${url}/sign-in/callback`,
      scopes: 'openid',
      confidential: true,
    })
  ).body;
  const hook = distinct('hook');
  const files: Record<string, string> = {
    token: await tokenFor(bot.id),
    ops: await tokenFor(1),
    hook,
    signing: `whsec_${randomBytes(32).toString('base64')}`,
    freshdesk: apiKey,
    'freshdesk-hook': distinct('freshdesk-hook'),
    dashboard: distinct('dashboard'),
    'oauth-secret': application.secret,
    'credentials/operator': distinct('operator'),
  };
  for (const [name, value] of Object.entries(files)) await writeFile(join(directory, name), value, { mode: 0o600 });

  const sections = (await Promise.all(CHAPTERS.map(async chapter => chapter.settings(directory)))).join('');
  await writeFile(join(directory, 'release.sh'), CURIOUS_SCRIPT);
  await chmod(join(directory, 'release.sh'), 0o755);
  const text = `service:
  listen: 127.0.0.1:${port}
  public_url: ${url}
  data_dir: ${directory}/data
  log_level: debug
  traces: { otlp: "${collector.url}" }
  api_tokens:
    - { name: viewer, role: viewer, token: { env: VIEWER_TOKEN } }
    - { name: operator, role: operator, token: { credential: operator } }
  dashboard:
    token: { file: dashboard }
    gitlab_oauth: { application_id: "${application.application_id}", secret: { file: oauth-secret }, allowed_groups: [acme] }
gitlab:
  url: ${sandbox.gitlab.url}
  token: { file: token }
  ops_token: { file: ops }
  webhook: { signing_tokens: [ { file: signing } ], secret_tokens: [ { file: hook } ] }
freshdesk:
  url: ${sandbox.freshdesk.url}
  api_key: { file: freshdesk }
  webhook_secret: { file: freshdesk-hook }
lines:
  - { name: "5.5", branch: main }
  - { name: "5.4", branch: release/5.4 }
  - { name: "5.3", branch: release/5.3 }
${sections.replace('library_tags:\n', `library_tags:\n  keyless: { issuer: "${issuer.url}", audience: signalbox }\n`)}`;
  const configFile = join(directory, 'signalbox.yaml');
  await writeFile(configFile, text);
  const keys = secretKeys(parse(text));
  const read = async (reference: Reference) => {
    if ('env' in reference) return environment[reference.env] ?? '';
    const path = 'file' in reference ? reference.file : `credentials/${reference.credential}`;
    return readFile(path.startsWith('/') ? path : join(directory, path), 'utf8');
  };
  const secrets: Secret[] = [];
  for (const { place, references } of keys)
    for (const reference of references) secrets.push({ name: place, value: await read(reference) });
  const secret = (place: string) => secrets.find(each => each.name === place)?.value ?? '';

  const traces: Trace[] = [];
  const keep = (where: string, shown: string | Buffer) => traces.push({ where, bytes: Buffer.from(shown) });
  const processes: ServeProcess[] = [];
  const start = async () => {
    processes.push(await serve(configFile, url, environment));
  };
  await start();
  for (const [project, events] of hooksOfStory())
    await gitlab('POST', `/api/v4/projects/${encodeURIComponent(project)}/hooks`, {
      url: `${url}/hooks/gitlab`,
      token: hook,
      push_events: false,
      ...Object.fromEntries([...events].map(event => [event, true])),
    });
  const stage: Omit<Stage, 'close'> = {
    gitlabUrl: sandbox.gitlab.url,
    freshdeskUrl: sandbox.freshdesk.url,
    service: { url } as Service,
    directory,
    as: (user, method, path, body) => gitlab(method, `/api/v4${path}`, body, `glpat-sandbox-${user}`),
    freshdesk: async (method, path, body) => {
      const answer = await fetch(`${sandbox.freshdesk.url}/api/v2${path}`, {
        method,
        headers: {
          authorization: `Basic ${Buffer.from('sandbox-ada:X').toString('base64')}`,
          'content-type': 'application/json',
        },
        body: body === undefined ? null : JSON.stringify(body),
      });
      return answer.json();
    },
    sent: async (method, path) => {
      const query = new URLSearchParams({ method, path });
      const log: { headers: Record<string, string> }[] = (await gitlab('GET', `/_sandbox/requests?${query}`)).body;
      return log.filter(each => each.headers['user-agent'] === 'signalbox').length;
    },
  };
  const bothSimulators = async (method: string, body?: unknown) => {
    for (const simulator of [sandbox.gitlab.url, sandbox.freshdesk.url]) {
      const answer = await fetch(`${simulator}/_sandbox/faults`, {
        method,
        ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      if (!answer.ok) throw new Error(await answer.text());
    }
  };

  return {
    url,
    directory,
    gitlabUrl: sandbox.gitlab.url,
    freshdeskUrl: sandbox.freshdesk.url,
    keys,
    secrets,
    traces,
    secret,
    playStory: () => play(CHAPTERS, stage as Stage, () => undefined),
    ask: async (method, path, { bearer, ...init } = {}) => {
      const token = bearer !== undefined && (secret(bearer) || bearer);
      const headers = { ...(token && { authorization: `Bearer ${token}` }), ...(init.headers as object) };
      const answer = await fetch(`${url}${path}`, { redirect: 'manual', ...init, method, headers });
      const shown = await answer.text();
      keep(`the answer to ${method} ${path}`, `${JSON.stringify([...answer.headers])}\n${shown}`);
      return Object.assign(answer, { shown });
    },
    signalbox: async (...args) => {
      const env = { PATH: process.env['PATH'] ?? '', ...environment };
      return new Promise(done => {
        execFile(process.execPath, [BIN, ...args], { env, cwd: directory, maxBuffer: 1e8 }, (error, stdout, stderr) => {
          keep(`what signalbox ${args.join(' ')} prints`, `${stdout}\n${stderr}`);
          done({ code: error ? Number(error.code) : 0, stdout, stderr });
        });
      });
    },
    idToken: claims => {
      const value = issuer.sign(claims);
      secrets.push({ name: 'an id_token', value });
      return value;
    },
    faults: (...rules) => bothSimulators('POST', rules),
    calm: () => bothSimulators('DELETE'),
    kill: async () => {
      const last = processes.at(-1);
      last?.child.kill('SIGKILL');
      await last?.ended;
    },
    serve: start,
    commandLine: () => readFile(`/proc/${processes.at(-1)?.child.pid}/cmdline`),
    everything: async () => {
      for (const each of processes) await each.stop();
      const printed = processes.map((each, index) => ({
        where: `process ${index + 1}`,
        bytes: Buffer.from(each.output()),
      }));
      const collected = collector.received.map(bytes => ({ where: "the traces' collector", bytes }));
      const own = new Set(Object.keys(files).map(name => join(directory, name)));
      for (const { references } of keys)
        for (const reference of references) if ('file' in reference) own.add(resolve(directory, reference.file));
      return [...traces, ...printed, ...collected, ...(await filesBelow(directory, path => own.has(path)))];
    },
    close: async () => {
      for (const each of processes) await each.stop();
      collector.close();
      issuer.close();
      await sandbox.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** One webhook for each project, with the events of all chapters. */
function hooksOfStory(): Map<string, Set<string>> {
  const wanted = new Map<string, Set<string>>();
  for (const [project, events] of CHAPTERS.flatMap(({ hooks }) => Object.entries(hooks)))
    wanted.set(project, new Set([...(wanted.get(project) ?? []), ...events]));
  return wanted;
}

async function startCollector() {
  const received: Buffer[] = [];
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => received.push(chunk));
    request.on('end', () => response.end('{}'));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close: () => server.close(),
  };
}
