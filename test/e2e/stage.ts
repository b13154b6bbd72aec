import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../../src/config/load-config.ts';
import type { Pace } from '../../src/engine/work/back-off.ts';
import { clientOf, type Reply } from '../../src/sandbox/gitlab/test-client.ts';
import { type SandboxOptions, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { type Service, startService } from '../../src/service/compose.ts';

export const PROJECT = '/projects/acme%2Fappliance';
const SECRET = 'a-webhook-secret-of-the-tests-only';
/** Waits are what the tests shorten; everything else is as in production. */
const QUICK: Partial<Pace> = { settle: 20, spacing: 50, maxSpacing: 200, backOff: 50, maxBackOff: 500 };
const PATIENCE = 80_000;

export interface LoggedRequest {
  at: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  status: number | null;
}

export interface StageOptions {
  /** The automations' sections of signalbox.yaml, as text. */
  sections: string;
  /** The events that the webhook of acme/appliance sends, as GitLab names them: `{ note_events: true }`. */
  events: Record<string, boolean>;
  /** What stands between GitLab and the service: gets the service's address for webhooks, gives the one GitLab is told. */
  between?: (serviceHook: string) => Promise<string>;
  pace?: Partial<Pace> | undefined;
  dryRun?: boolean | undefined;
  sandbox?: SandboxOptions | undefined;
}

/** The sandbox and the service in front of it, joined by a webhook; all state is asked over HTTP. */
export interface Stage {
  service: Service;
  gitlabUrl: string;
  configFile: string;
  call: (user: string, method: string, path: string, body?: unknown) => Promise<Reply>;
  /** Like `call`, for calls that have to succeed: the body of the answer. */
  must: (user: string, method: string, path: string, body?: unknown) => Promise<Reply['body']>;
  /** Asks until it holds. */
  until: <T>(what: string, ask: () => Promise<T | null | undefined | false>) => Promise<T>;
  /** Resolves when GitLab has sent everything. */
  settled: () => Promise<void>;
  /** Resolves when GitLab has sent everything, and the service has read it and looked at it. */
  quiet: () => Promise<void>;
  faults: (...rules: unknown[]) => Promise<void>;
  /** What the service has sent, oldest first. */
  sent: (filter?: { method?: string; path?: string }) => Promise<LoggedRequest[]>;
  close: () => Promise<void>;
}

/** Starts both, in a directory of their own. */
export async function setStage(options: StageOptions): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-e2e-'));
  const sandbox = await startSandbox(options.sandbox);
  for (const [name, value] of Object.entries({ token: 'glpat-sandbox-bot', hook: SECRET })) {
    await writeFile(join(directory, name), value, { mode: 0o600 });
  }
  const configFile = join(directory, 'signalbox.yaml');
  await writeFile(configFile, configText(directory, sandbox.gitlab.url, options.sections));
  const { settings } = await loadConfig(configFile, { environment: {} });
  const service = await startService({
    settings,
    environment: {},
    logLevel: 'silent',
    pace: options.pace ?? QUICK,
    dryRun: options.dryRun ?? false,
    writeLog: () => undefined,
  });
  const call = clientOf(sandbox);
  const must: Stage['must'] = async (user, method, path, body) => {
    const answer = await call(user, method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const serviceHook = `${service.url}/hooks/gitlab`;
  const url = options.between ? await options.between(serviceHook) : serviceHook;
  await must('admin', 'POST', `${PROJECT}/hooks`, { url, token: SECRET, push_events: false, ...options.events });

  const until: Stage['until'] = async (what, ask) => {
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
    gitlabUrl: sandbox.gitlab.url,
    configFile,
    call,
    must,
    until,
    settled: () => sandbox.settled(),
    quiet: async () => {
      await until('the service has nothing to do', async () => {
        await sandbox.settled();
        return !(await hasWork(service));
      });
    },
    faults: async (...rules) => {
      await must('admin', 'POST', '/_sandbox/faults', rules);
    },
    sent: async ({ method, path } = {}) => {
      const query = new URLSearchParams({ ...(method && { method }), ...(path && { path }) });
      const log = (await must('admin', 'GET', `/_sandbox/requests?${query}`)) as LoggedRequest[];
      // A request that a fault struck has no user: it came no further.
      return log.filter(entry => entry.headers['user-agent'] === 'signalbox');
    },
    close: async () => {
      await service.stop();
      await sandbox.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function hasWork({ database, engine }: Service): Promise<boolean> {
  if (engine.intake.unread > 0) return true;
  const work = await database.query.selectFrom('work').selectAll().execute();
  // The keys that look by themselves are always due some time; a minute ahead is no work under way.
  return work.some(row => row.owner !== null || (row.due_at !== null && Number(row.due_at) < Date.now() + 60_000));
}

function configText(directory: string, gitlabUrl: string, sections: string): string {
  return `service:
  listen: 127.0.0.1:0
  data_dir: ${directory}/data
gitlab:
  url: ${gitlabUrl}
  token: { file: ${directory}/token }
  webhook:
    secret_tokens: [ { file: ${directory}/hook } ]
${sections}`;
}
