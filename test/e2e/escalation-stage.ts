import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TicketView } from '../../src/automations/escalation/view.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { Pace } from '../../src/engine/work/back-off.ts';
import { clientOf as freshdeskClientOf } from '../../src/sandbox/freshdesk/testing/client.ts';
import { clientOf, type Reply } from '../../src/sandbox/gitlab/test-client.ts';
import { type SandboxOptions, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { type Service, startService } from '../../src/service/compose.ts';

export const PROJECT = '/projects/acme%2Fappliance';
export const AGENT_TOKEN = 'the-token-of-ada-for-tests-only';
export const HOOK_SECRET = 'a-freshdesk-secret-of-the-tests-only';
const OPERATOR_TOKEN = 'the-token-of-an-operator-for-tests-only';
const QUICK: Partial<Pace> = { settle: 20, spacing: 50, maxSpacing: 200, backOff: 50, maxBackOff: 500, grace: 300 };
const PATIENCE = 60_000;
/** Beyond every limit of a plan, so that a test of something else does not wait for a minute to pass. */
export const UNLIMITED = { total: 2900, create: 2900, update: 2900, list: 2900 };

export interface MadeIssue {
  iid: number;
  title: string;
  state: string;
  description: string;
  labels: string[];
  confidential: boolean;
  web_url: string;
}

export interface MadeNote {
  id: number;
  body: string;
  internal: boolean;
  system: boolean;
  author: { username: string };
}

export interface StageOptions {
  /** More lines of the section `escalation`. */
  settings?: string;
  /** More lines of the section `freshdesk`. */
  freshdesk?: string;
  sandbox?: SandboxOptions;
  pace?: Partial<Pace>;
  dryRun?: boolean;
  now?: () => number;
}

export type EscalationStage = Awaited<ReturnType<typeof setEscalationStage>>;

/** Both simulators and the service between them; everything is asked over HTTP, as the button does it. */
export async function setEscalationStage(options: StageOptions = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-escalation-'));
  const sandbox = await startSandbox({ freshdeskSeed: { limits: UNLIMITED }, ...options.sandbox });
  await writeSecrets(directory);
  const configFile = join(directory, 'signalbox.yaml');
  await writeFile(configFile, configText(directory, sandbox, options));
  const { settings } = await loadConfig(configFile, { environment: {} });
  const logLines: string[] = [];
  const start = (dataDirectory = settings.service.data_dir): Promise<Service> =>
    startService({
      settings: { ...settings, service: { ...settings.service, data_dir: dataDirectory } },
      environment: {},
      logLevel: 'warn',
      pace: { ...QUICK, ...options.pace },
      dryRun: options.dryRun ?? false,
      writeLog: line => void logLines.push(line),
      ...(options.now && { now: options.now }),
    });
  let service = await start();
  const gitlab = clientOf(sandbox);
  const freshdesk = freshdeskClientOf(sandbox.freshdesk);

  const must = async (method: string, path: string, body?: unknown, user = 'admin'): Promise<Reply['body']> => {
    const answer = await gitlab(user, method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const all = async <T>(path: string): Promise<T[]> => {
    const rows: T[] = [];
    for (let page = 1; ; page++) {
      const some = (await must('GET', `${path}${path.includes('?') ? '&' : '?'}per_page=100&page=${page}`)) as T[];
      rows.push(...some);
      if (some.length < 100) return rows;
    }
  };
  const ask = async (method: string, path: string, body?: unknown, token: string | null = AGENT_TOKEN) => {
    const answer = await fetch(`${service.url}${path}`, {
      method,
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: a test reads answers of every shape
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as any };
  };
  const until = async <T>(what: string, attempt: () => Promise<T | null | undefined | false>): Promise<T> => {
    for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(25)) {
      const answer = await attempt();
      if (answer !== null && answer !== undefined && answer !== false) return answer;
    }
    throw new Error(`waited in vain: ${what}`);
  };
  const view = async (ticket: number): Promise<TicketView> => (await ask('GET', `/v1/tickets/${ticket}`)).body;

  return {
    directory,
    configFile,
    sandbox,
    gitlab,
    freshdesk,
    must,
    all,
    ask,
    until,
    view,
    logLines,
    service: () => service,
    operatorToken: OPERATOR_TOKEN,
    press: (ticket: number, more: object = {}) => ask('POST', '/v1/escalations', { ticket_id: ticket, ...more }),
    /** Waits until the copy has come to its end, good or bad. */
    ended: (ticket: number): Promise<TicketView> =>
      until(`ticket ${ticket} is escalated`, async () => {
        const now = await view(ticket);
        return now.state === 'running' || now.state === 'none' ? null : now;
      }),
    issues: async (): Promise<MadeIssue[]> => {
      const made = await all<MadeIssue>(`${PROJECT}/issues?labels=freshdesk&state=all`);
      return made.toSorted((a, b) => a.iid - b.iid);
    },
    /** The comments of people and bots, oldest first. */
    notes: async (iid: number): Promise<MadeNote[]> => {
      const made = await all<MadeNote>(`${PROJECT}/issues/${iid}/notes?sort=asc`);
      return made.filter(note => !note.system);
    },
    conversations: async (ticket: number) => {
      const rows: { id: number; body: string; private: boolean; user_id: number }[] = [];
      for (let page = 1; ; page++) {
        const answer = await freshdesk('GET', `/tickets/${ticket}/conversations?per_page=100&page=${page}`);
        rows.push(...answer.body);
        if (answer.body.length < 100) return rows;
      }
    },
    faults: async (on: 'gitlab' | 'freshdesk', ...rules: unknown[]): Promise<void> => {
      const answer =
        on === 'gitlab'
          ? await gitlab('admin', 'POST', '/_sandbox/faults', rules)
          : await freshdesk('POST', '/_sandbox/faults', rules);
      if (answer.status >= 300) throw new Error(`faults: ${answer.status} ${JSON.stringify(answer.body)}`);
    },
    /** What one of the simulators has got from the service, oldest first. */
    requests: async (on: 'gitlab' | 'freshdesk') => {
      const answer =
        on === 'gitlab'
          ? await gitlab('admin', 'GET', '/_sandbox/requests')
          : await freshdesk('GET', '/_sandbox/requests');
      const log = answer.body as {
        method: string;
        path: string;
        status: number | null;
        headers: Record<string, string>;
      }[];
      return log.filter(entry => entry.headers['user-agent'] === 'signalbox');
    },
    restart: async (): Promise<void> => {
      await service.stop();
      service = await start();
    },
    /** Ends the service and starts it with a new, empty data directory: everything remembered is lost. */
    loseDatabase: async (): Promise<void> => {
      await service.stop();
      service = await start(join(directory, `data-${Date.now()}`));
    },
    close: async (): Promise<void> => {
      await service.stop();
      await sandbox.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export async function writeSecrets(directory: string): Promise<void> {
  const secrets = {
    token: 'glpat-sandbox-bot',
    gitlab_hook: 'a-gitlab-secret-of-the-tests-only',
    freshdesk: 'sandbox',
    freshdesk_hook: HOOK_SECRET,
    ada: AGENT_TOKEN,
    operator: OPERATOR_TOKEN,
  };
  for (const [name, value] of Object.entries(secrets)) await writeFile(join(directory, name), value, { mode: 0o600 });
}

export function configText(
  directory: string,
  sandbox: { gitlab: { url: string }; freshdesk: { url: string } },
  { settings = '', freshdesk = '' }: Pick<StageOptions, 'settings' | 'freshdesk'>,
): string {
  return `service:
  listen: 127.0.0.1:0
  data_dir: ${directory}/data
  api_tokens: [ { name: test, role: operator, token: { file: ${directory}/operator } } ]
gitlab:
  url: ${sandbox.gitlab.url}
  token: { file: ${directory}/token }
  webhook:
    secret_tokens: [ { file: ${directory}/gitlab_hook } ]
freshdesk:
  url: ${sandbox.freshdesk.url}
  api_key: { file: ${directory}/freshdesk }
  webhook_secret: { file: ${directory}/freshdesk_hook }
${freshdesk}
escalation:
  project: acme/appliance
  agents: [ { name: Ada, token: { file: ${directory}/ada } } ]
${settings}
`;
}
