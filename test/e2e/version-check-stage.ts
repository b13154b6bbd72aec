import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../../src/config/load-config.ts';
import type { Pace } from '../../src/engine/work/back-off.ts';
import { clientOf, type Reply } from '../../src/sandbox/gitlab/test-client.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { type Service, startService } from '../../src/service/compose.ts';

export const PROJECT = '/projects/acme%2Fappliance';
const SECRET = 'a-webhook-secret-of-the-tests-only';
/** Waits are what the tests shorten; everything else is as in production. */
const QUICK: Partial<Pace> = { settle: 20, spacing: 50, maxSpacing: 200, backOff: 50, maxBackOff: 500 };
const PATIENCE = 25_000;

export interface Thread {
  id: string;
  notes: { id: number; body: string; resolved?: boolean; resolvable?: boolean; author: { username: string } }[];
}

export interface LoggedRequest {
  at: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  status: number | null;
}

/** The sandbox and the service in front of it, joined by a webhook; all state is asked over HTTP. */
export interface TestStage {
  service: Service;
  call(user: string, method: string, path: string, body?: unknown): Promise<Reply>;
  /** Opens a merge request of acme/appliance and returns its number. */
  open(source: string, target: string, more?: Record<string, unknown>): Promise<number>;
  /** Discussions that the bot began, oldest first. */
  ours(iid: number): Promise<Thread[]>;
  /** Resolves when GitLab has sent everything, and the service has read it and looked at it. */
  quiet(): Promise<void>;
  /** Asks until it holds. */
  until<T>(what: string, ask: () => Promise<T | null | undefined | false>): Promise<T>;
  faults(...rules: unknown[]): Promise<void>;
  /** What the service has sent, oldest first. */
  sent(filter?: { method?: string; path?: string }): Promise<LoggedRequest[]>;
  close(): Promise<void>;
}

export async function setTestStage(options: { pace?: Partial<Pace>; project?: string } = {}): Promise<TestStage> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-version-check-'));
  const sandbox = await startSandbox();
  for (const [name, value] of Object.entries({ token: 'glpat-sandbox-bot', hook: SECRET })) {
    await writeFile(join(directory, name), value, { mode: 0o600 });
  }
  const configFile = join(directory, 'signalbox.yaml');
  await writeFile(configFile, configText(directory, sandbox.gitlab.url, options.project ?? ''));
  const { settings } = await loadConfig(configFile, { environment: {} });
  const service = await startService({
    settings,
    environment: {},
    logLevel: 'silent',
    pace: options.pace ?? QUICK,
    writeLog: () => undefined,
  });
  const call = clientOf(sandbox);
  const me = (await call('bot', 'GET', '/user')).body.username as string;
  const hook = await call('admin', 'POST', `${PROJECT}/hooks`, {
    url: `${service.url}/hooks/gitlab`,
    token: SECRET,
    merge_requests_events: true,
    push_events: true,
    note_events: true,
  });
  if (hook.status !== 201) throw new Error(`no webhook: ${JSON.stringify(hook.body)}`);

  const until: TestStage['until'] = async (what, ask) => {
    const end = Date.now() + PATIENCE;
    while (Date.now() < end) {
      const answer = await ask();
      if (answer !== null && answer !== undefined && answer !== false) return answer;
      await sleep(20);
    }
    throw new Error(`waited in vain: ${what}`);
  };
  return {
    service,
    call,
    until,
    open: async (source, target, more = {}) => {
      const body = { source_branch: source, target_branch: target, title: `${source} into ${target}`, ...more };
      const created = await call('developer', 'POST', `${PROJECT}/merge_requests`, body);
      if (created.status !== 201) throw new Error(`no merge request: ${JSON.stringify(created.body)}`);
      return created.body.iid as number;
    },
    ours: async iid => {
      const { body } = await call('admin', 'GET', `${PROJECT}/merge_requests/${iid}/discussions?per_page=100`);
      return (body as Thread[]).filter(thread => thread.notes[0]?.author.username === me && isText(thread));
    },
    quiet: async () => {
      await until('the service has nothing to do', async () => {
        await sandbox.settled();
        return !(await hasWork(service));
      });
    },
    faults: async (...rules) => {
      const { status } = await call('admin', 'POST', '/_sandbox/faults', rules);
      if (status !== 201) throw new Error('the faults were refused');
    },
    sent: async ({ method, path } = {}) => {
      const query = new URLSearchParams({ ...(method && { method }), ...(path && { path }) });
      const { body } = await call('admin', 'GET', `/_sandbox/requests?${query}`);
      // A request that a fault struck has no user: it came no further.
      return (body as LoggedRequest[]).filter(entry => entry.headers['user-agent'] === 'signalbox');
    },
    close: async () => {
      await service.stop();
      await sandbox.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Answers to commands are replies too, but in people's own discussions; system notes are nobody's words. */
function isText(thread: Thread): boolean {
  return thread.notes[0]?.body.includes('<!-- signalbox:version-check ') === true;
}

async function hasWork({ database }: Service): Promise<boolean> {
  const unread = await database.query.selectFrom('deliveries').select('id').where('state', '=', 'stored').execute();
  if (unread.length > 0) return true;
  const work = await database.query.selectFrom('work').selectAll().execute();
  // The keys that look by themselves are always due some time; a minute ahead is no work under way.
  return work.some(row => row.owner !== null || (row.due_at !== null && Number(row.due_at) < Date.now() + 60_000));
}

function configText(directory: string, gitlabUrl: string, project: string): string {
  return `service:
  listen: 127.0.0.1:0
  data_dir: ${directory}/data
gitlab:
  url: ${gitlabUrl}
  token: { file: ${directory}/token }
  webhook:
    secret_tokens: [ { file: ${directory}/hook } ]
lines:
  - { name: "5.5", branch: main }
  - { name: "5.4", branch: release/5.4 }
  - { name: "5.3", branch: release/5.3 }
version_check:
  projects:
    acme/appliance:
      version: [ { file: VERSION } ]
${project}`;
}
