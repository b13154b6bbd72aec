import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../../src/config/load-config.ts';
import { explainKey } from '../../src/engine/explain.ts';
import { clientOf, type Reply } from '../../src/sandbox/gitlab/test-client.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { type Service, startService } from '../../src/service/compose.ts';

export const PROJECT = '/projects/acme%2Fappliance';
const SECRET = 'a-webhook-secret-of-the-tests-only';
export const VIEWER = 'a-viewer-token-of-the-tests-only';
const QUICK = { settle: 20, spacing: 50, maxSpacing: 200, backOff: 50, maxBackOff: 500 };
const PATIENCE = 40_000;
export const DAY = 86_400_000;
export const BOXES = ['box-1', 'box-2'] as const;

export interface RaceIssue {
  iid: number;
  title: string;
  state: string;
  description: string;
  labels: string[];
}

export interface RaceNote {
  id: number;
  body: string;
  system: boolean;
  author: { username: string };
}

/** The sandbox, and a service that gets race reports over HTTP, with a clock that can be set forward. */
export type RacesStage = Awaited<ReturnType<typeof setRacesStage>>;

export async function setRacesStage(options: { settings?: string; dryRun?: boolean } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-races-'));
  const sandbox = await startSandbox();
  const secrets = {
    token: 'glpat-sandbox-bot',
    hook: SECRET,
    viewer: VIEWER,
    ...Object.fromEntries(BOXES.map(box => [box, tokenOf(box)])),
  };
  for (const [name, value] of Object.entries(secrets)) await writeFile(join(directory, name), value, { mode: 0o600 });
  const configFile = join(directory, 'signalbox.yaml');
  await writeFile(configFile, configText(directory, sandbox.gitlab.url, options.settings ?? ''));
  const { settings } = await loadConfig(configFile, { environment: {} });
  let ahead = 0;
  const start = (dataDirectory = settings.service.data_dir): Promise<Service> =>
    startService({
      settings: { ...settings, service: { ...settings.service, data_dir: dataDirectory } },
      environment: {},
      logLevel: 'silent',
      pace: QUICK,
      dryRun: options.dryRun ?? false,
      writeLog: () => undefined,
      now: () => Date.now() + ahead,
    });
  let service = await start();
  const call = clientOf(sandbox);
  const must = async (user: string, method: string, path: string, body?: unknown): Promise<Reply['body']> => {
    const answer = await call(user, method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const bot = (await must('bot', 'GET', '/user')).username as string;
  const hook = async () => {
    const url = `${service.url}/hooks/gitlab`;
    const events = { merge_requests_events: false, push_events: false, note_events: true, issues_events: true };
    await must('admin', 'POST', `${PROJECT}/hooks`, { url, token: SECRET, ...events });
  };
  await hook();

  const until = async (what: string, ask: () => Promise<boolean>): Promise<void> => {
    for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(20)) if (await ask()) return;
    throw new Error(`waited in vain: ${what}`);
  };
  const quiet = () =>
    until('the service has nothing to do', async () => {
      await sandbox.settled();
      return !(await hasWork(service, Date.now() + ahead));
    });
  const report = async (box: string, body: Record<string, unknown>): Promise<{ status: number; body: Receipt }> => {
    const answer = await fetch(`${service.url}/v1/races`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokenOf(box)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ source: box, host: box, ...body }),
    });
    return { status: answer.status, body: (await answer.json()) as Receipt };
  };
  return {
    bot,
    call,
    must,
    until,
    quiet,
    report,
    service: () => service,
    issues: async (): Promise<RaceIssue[]> => {
      const all = (await must('admin', 'GET', `${PROJECT}/issues?labels=race%20condition&per_page=100`)) as RaceIssue[];
      return all.toSorted((a, b) => a.iid - b.iid);
    },
    /** What the bot said on an issue, oldest first; GitLab's own entries left out. */
    notes: async (iid: number): Promise<RaceNote[]> => {
      const all = (await must('admin', 'GET', `${PROJECT}/issues/${iid}/notes?sort=asc&per_page=100`)) as RaceNote[];
      return all.filter(note => !note.system && note.author.username === bot);
    },
    say: async (user: string, iid: number, body: string) => {
      await must(user, 'POST', `${PROJECT}/issues/${iid}/notes`, { body });
      await quiet();
    },
    explain: (key: string) => explainKey(service.database.query, key),
    /** Requests of the service that may change something. */
    writes: async (): Promise<string[]> => {
      const log = (await must('admin', 'GET', '/_sandbox/requests')) as {
        method: string;
        path: string;
        user: string;
      }[];
      return log.filter(each => each.user === bot && each.method !== 'GET').map(each => `${each.method} ${each.path}`);
    },
    forward: (time: number) => {
      ahead += time;
    },
    now: () => Date.now() + ahead,
    /** Ends the service and starts it with a new, empty data directory: everything remembered is lost. */
    loseDatabase: async () => {
      await service.stop();
      service = await start(join(directory, `data-${Date.now()}`));
      await hook();
    },
    close: async () => {
      await service.stop();
      await sandbox.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export interface Receipt {
  accepted: number;
  known: number;
  refused: unknown[];
  races: { fingerprint: string; title: string; new: boolean }[];
  code?: string;
}

export function tokenOf(box: string): string {
  return `token-of-${box}-for-tests-only`;
}

async function hasWork({ database, engine }: Service, now: number): Promise<boolean> {
  if (engine.intake.unread > 0) return true;
  const work = await database.query.selectFrom('work').selectAll().execute();
  // The keys that look by themselves are always due some time; a minute ahead is no work under way.
  return work.some(row => row.owner !== null || (row.due_at !== null && Number(row.due_at) < now + 60_000));
}

function configText(directory: string, gitlabUrl: string, more: string): string {
  return `service:
  listen: 127.0.0.1:0
  data_dir: ${directory}/data
  api_tokens: [ { name: test, role: viewer, token: { file: ${directory}/viewer } } ]
gitlab:
  url: ${gitlabUrl}
  token: { file: ${directory}/token }
  webhook:
    secret_tokens: [ { file: ${directory}/hook } ]
races:
  project: acme/appliance
  sources:
${BOXES.map(box => `    - { name: ${box}, token: { file: ${directory}/${box} } }`).join('\n')}
${more}`;
}
