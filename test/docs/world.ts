import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { goReport } from '../../src/automations/races/testing/reports.ts';
import { examine } from '../../src/cli/doctor/examine.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { startService } from '../../src/service/compose.ts';
import { freePort } from '../support/free-port.ts';
import { startIssuer } from '../support/id-tokens.ts';
import { createDatabase, startPostgres } from '../support/postgres.ts';
import { builtProgram } from '../support/program.ts';
import { eventually, person } from '../support/sandbox-client.ts';
import { readPage } from './pages.ts';
import type { Place } from './run-page.ts';

const BIN = await builtProgram();
const QUICK = { settle: 20, spacing: 50, maxSpacing: 200, backOff: 50, maxBackOff: 500 };

/** The places that the pages name. In the world they are below its own directory. */
const PLACES = ['/etc/signalbox', '/var/lib', '/var/log', '/backup', '/run/secrets', '/opt/release', '/srv/update'];

/** The machine of a reader who has done what the pages ask for: sandbox, running service, logs, archives, secrets. */
export interface World extends Place {
  close: () => Promise<void>;
}

/** Programs on PATH: ours, and stand-ins for what has logs elsewhere. */
export function writePrograms(directory: string): string {
  const bin = join(directory, 'bin');
  mkdirSync(bin, { recursive: true });
  const programs = {
    signalbox: `exec '${process.execPath}' '${BIN}' "$@"`,
    npx: `[ "$1" = signalbox ] || exit 99\nshift\nexec '${process.execPath}' '${BIN}' "$@"`,
    journalctl: `while IFS= read -r line; do printf '__REALTIME_TIMESTAMP=1764300000000000\\nMESSAGE=%s\\n\\n' "$line"; done < '${directory}/var/log/app.log'`,
    kubectl: `sed 's/^/2026-11-28T03:14:15.000000000Z /' '${directory}/var/log/app.log'`,
  };
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return bin;
}

export async function buildWorld(): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'signalbox-docs-'));
  const at = (place: string) => join(directory, place);
  const put = (place: string, content: string | Buffer, mode = 0o600) => {
    mkdirSync(dirname(at(place)), { recursive: true });
    writeFileSync(at(place), content, { mode });
  };
  const sandbox = await startSandbox({ seed: { merge_requests: 11 } });
  const issuer = await startIssuer();
  const url = `http://127.0.0.1:${await freePort()}`;
  const inWorld = (text: string) =>
    places(text, directory)
      .replaceAll('https://signalbox.example.com', url)
      .replaceAll('https://gitlab.example.com', sandbox.gitlab.url)
      .replaceAll('acme.freshdesk.com', new URL(sandbox.freshdesk.url).host);

  const secrets = {
    gitlab: 'glpat-sandbox-bot',
    'gitlab-ops': 'glpat-sandbox-admin',
    webhook: 'a-webhook-secret-of-the-docs',
    dashboard: 'a-dashboard-token-of-the-docs-only',
    freshdesk: 'sandbox',
    'appliance-release': 'a-release-secret-of-the-docs-only',
    ada: 'a-token-of-ada-of-the-docs-only',
    box: 'a-token-of-box-1-of-the-docs-only',
  };
  for (const [name, value] of Object.entries(secrets)) put(`etc/signalbox/secrets/${name}`, value);
  const script = readPage('docs/releases.md').steps.find(step => step.kind === 'file' && step.what === 'program');
  put('opt/release/appliance.sh', places(script?.kind === 'file' ? script.text : '', directory), 0o755);
  mkdirSync(at('backup'));
  writeLogs(put, at);
  const configuration = configText(directory, { url, sandbox, issuer: issuer.url });
  put('etc/signalbox/signalbox.yaml', configuration);
  put('home/work/signalbox.yaml', configuration);
  put('etc/signalbox/box.token', secrets.box);
  put('home/work/box.token', secrets.box);
  put('home/work/secrets/appliance-release', secrets['appliance-release']);
  put('home/work/bot.token', secrets.gitlab);
  const archive = gzipSync(Buffer.alloc(10_240));
  put('home/work/appliance.tgz', archive);
  put('home/work/build/appliance.tgz', archive);
  cpSync(at('var/log/app.log'), at('home/work/app.log'));

  const { settings } = await loadConfig(at('etc/signalbox/signalbox.yaml'), { environment: {} });
  const service = await startService({ settings, environment: {}, pace: QUICK, writeLog: () => undefined });
  const postgres = await startPostgres();
  const database = postgres.url.replace('/postgres?', '/signalbox?');
  await createDatabase(postgres.url, 'signalbox');
  put('run/secrets/database', database);
  const commit = await liveADay(at('etc/signalbox/signalbox.yaml'), sandbox);
  await release(url, archive, secrets['appliance-release']);
  return {
    directory,
    cwd: at('home/work'),
    configuration,
    inWorld,
    environment: {
      PATH: `${writePrograms(directory)}:${process.env['PATH']}`,
      HOME: at('home'),
      RELEASE_SECRET: secrets['appliance-release'],
      RELEASE_TOKEN: secrets['appliance-release'],
      DATABASE_URL: database,
      NODE_COMPILE_CACHE: join(tmpdir(), 'signalbox-test-compile-cache'),
      CI_COMMIT_SHA: 'c0ffee'.padEnd(40, '0'),
      CI_PIPELINE_ID: '77',
      ID_TOKEN: issuer.sign({ sha: commit }),
    },
    close: async () => {
      await service.stop();
      await sandbox.close();
      await postgres.remove();
      issuer.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/**
 * What happened before the reader came: webhooks are there, merge request 12 is aimed at the wrong line, 13 has moved issue 1, and
 * a push to the library got its version. Resolves with that push's commit.
 */
async function liveADay(configFile: string, sandbox: Sandbox): Promise<string> {
  await examine(configFile, { fix: true });
  const developer = person(sandbox.gitlab.url, 'developer');
  const maintainer = person(sandbox.gitlab.url, 'maintainer');
  const open = (source: string, target: string, title: string) =>
    developer.post('/projects/acme%2Fappliance/merge_requests', {
      source_branch: source,
      target_branch: target,
      title,
    });
  await open('feature/backup-share', 'release/5.3', 'Share backups');
  await open('fix/backup', 'main', 'Fix backup, #1');
  const library = '/projects/acme%2Flib-ssh/repository';
  const pushed = await maintainer.post(`${library}/commits`, {
    branch: 'main',
    commit_message: 'Close idle channels',
    actions: [{ action: 'create', file_path: 'idle.go', content: 'package ssh\n' }],
  });
  await eventually('issue 1 is in review', async () => {
    const { body } = await developer.get('/projects/acme%2Fappliance/issues/1');
    return body.labels.includes('In Review');
  });
  await eventually('the library has its version', async () => {
    return (await developer.get(`${library}/tags/v1.4.3`)).status === 200;
  });
  return pushed.body.id;
}

/** 5.4.0 is in production. */
async function release(url: string, archive: Buffer, secret: string): Promise<void> {
  const sent = await fetch(`${url}/v1/releases/appliance/5.4.0`, {
    method: 'PUT',
    body: new Uint8Array(archive),
    headers: {
      authorization: `Bearer ${secret}`,
      prefer: 'wait=60',
      'x-checksum-sha256': createHash('sha256').update(archive).digest('hex'),
      'x-release-line': '5.4',
      'x-release-environment': 'production',
      'x-release-commit': 'c0ffee'.padEnd(40, '0'),
    },
  });
  if (sent.status !== 201) throw new Error(`5.4.0 was not released: ${await sent.text()}`);
}

function places(text: string, directory: string): string {
  return PLACES.reduce(
    (changed, place) => changed.replaceAll(new RegExp(`(?<![\\w.])${place}`, 'g'), `${directory}${place}`),
    text,
  );
}

/** Logs with one race in them, an hour old. */
function writeLogs(put: (place: string, text: string) => void, at: (place: string) => string): void {
  const race = goReport('acme.example/pump.(*Valve).Open', 'acme.example/pump.(*Gauge).Read');
  const docker = race.split('\n').map(line => `${JSON.stringify({ log: `${line}\n`, stream: 'stderr' })}\n`);
  const logs = {
    'var/log/appliance/app.log': race,
    'var/log/app.log': race,
    'var/log/app.log.1': 'nothing here\n',
    'var/lib/docker/containers/4f6c/4f6c-json.log': docker.join(''),
    'home/work/logs/soak.log': race,
  };
  const old = Date.now() / 1000 - 3600;
  for (const [place, text] of Object.entries(logs)) {
    put(place, text);
    utimesSync(at(place), old, old);
  }
}

interface Addresses {
  url: string;
  sandbox: { gitlab: { url: string }; freshdesk: { url: string } };
  issuer: string;
}

function configText(directory: string, { url, sandbox, issuer }: Addresses): string {
  const secret = (name: string) => `{ file: ${directory}/etc/signalbox/secrets/${name} }`;
  return `service:
  listen: ${url.replace('http://', '')}
  public_url: ${url}
  data_dir: ${directory}/var/lib/signalbox
  dashboard: { token: ${secret('dashboard')} }
gitlab:
  url: ${sandbox.gitlab.url}
  token: ${secret('gitlab')}
  ops_token: ${secret('gitlab-ops')}
  webhook: { secret_tokens: [ ${secret('webhook')} ] }
freshdesk:
  url: ${sandbox.freshdesk.url}
  api_key: ${secret('freshdesk')}
lines:
  - { name: "5.5", branch: main }
  - { name: "5.4", branch: release/5.4 }
  - { name: "5.3", branch: release/5.3 }
version_check:
  projects:
    acme/appliance: { version: [ { file: VERSION } ] }
board:
  projects:
    acme/appliance:
      columns: [To Do, In Development, In Review, To Test, To Test 5.3, Testing]
      draft: In Development
      merged_by_branch: { release/5.3: To Test 5.3 }
      reopen: true
escalation:
  project: acme/appliance
  agents: [ { name: Ada, token: ${secret('ada')} } ]
races:
  project: acme/appliance
  sources: [ { name: box-1, token: ${secret('box')} } ]
releases:
  products:
    appliance:
      credentials: [ { name: build server, secret: ${secret('appliance-release')} } ]
      metadata: { version: required, line: required, environment: required, commit: { pattern: "[0-9a-f]{40}" } }
      script: ${directory}/opt/release/appliance.sh
library_tags:
  projects: [ acme/lib-* ]
  release: true
  keyless: { issuer: "${issuer}", audience: signalbox }
`;
}
