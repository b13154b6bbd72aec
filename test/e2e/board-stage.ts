import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../../src/config/load-config.ts';
import { explainKey } from '../../src/engine/explain.ts';
import { clientOf } from '../../src/sandbox/gitlab/test-client.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { type Service, startService } from '../../src/service/compose.ts';

const PROJECT = '/projects/acme%2Fappliance';
const SECRET = 'a-webhook-secret-of-the-tests-only';
const QUICK = { settle: 20, spacing: 50, maxSpacing: 200, backOff: 50, maxBackOff: 500 };
const PATIENCE = 20_000;
export const ISSUE = '/api/v4/projects/acme%2Fappliance/issues';

const RULES = `columns: [To Do, In Development, In Review, To Test, Testing]
      draft: In Development`;

/** The sandbox and a service whose only automation is the board, joined by a webhook. */
export type BoardStage = Awaited<ReturnType<typeof setBoardStage>>;

export async function setBoardStage(options: { rules?: string; dryRun?: boolean } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-board-'));
  const sandbox = await startSandbox();
  for (const [name, value] of Object.entries({ token: 'glpat-sandbox-bot', hook: SECRET })) {
    await writeFile(join(directory, name), value, { mode: 0o600 });
  }
  const configFile = join(directory, 'signalbox.yaml');
  await writeFile(configFile, configText(directory, sandbox.gitlab.url, options.rules ?? RULES));
  const { settings } = await loadConfig(configFile, { environment: {} });
  const service = await startService({
    settings,
    environment: {},
    logLevel: 'silent',
    pace: QUICK,
    dryRun: options.dryRun ?? false,
    writeLog: () => undefined,
  });
  const call = clientOf(sandbox);
  const me = (await call('bot', 'GET', '/user')).body.username as string;
  const must = async (...request: Parameters<typeof call>) => {
    const answer = await call(...request);
    if (answer.status >= 300) throw new Error(`${request[1]} ${request[2]}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const hook = { url: `${service.url}/hooks/gitlab`, token: SECRET, merge_requests_events: true, issues_events: true };
  await must('admin', 'POST', `${PROJECT}/hooks`, { ...hook, push_events: false });

  const until = async (what: string, ask: () => Promise<boolean>) => {
    for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(20)) if (await ask()) return;
    throw new Error(`waited in vain: ${what}`);
  };
  const labels = async (iid: number): Promise<string[]> =>
    ((await must('admin', 'GET', `${PROJECT}/issues/${iid}`)).labels as string[]).toSorted();
  const edit = (iid: number, body: Record<string, unknown>) =>
    must('developer', 'PUT', `${PROJECT}/merge_requests/${iid}`, body);
  return {
    labels,
    edit,
    open: async (source: string, more: Record<string, unknown>): Promise<number> => {
      const body = { source_branch: source, target_branch: 'main', title: source, ...more };
      const { iid } = await must('developer', 'POST', `${PROJECT}/merge_requests`, body);
      await sandbox.settled();
      return iid as number;
    },
    merge: async (iid: number) => {
      await sandbox.settled();
      await must('maintainer', 'PUT', `${PROJECT}/merge_requests/${iid}/merge`);
    },
    /** An event about nothing in particular. */
    touch: (iid: number) => edit(iid, { labels: 'freshdesk' }),
    relabel: (iid: number, body: Record<string, unknown>) => must('developer', 'PUT', `${PROJECT}/issues/${iid}`, body),
    inColumn: (iid: number, column: string) =>
      until(`issue ${iid} in ${column}`, async () => (await labels(iid)).includes(column)),
    /** Resolves when GitLab has sent everything, and the service has read it and looked at it. */
    quiet: () =>
      until('the service has nothing to do', async () => {
        await sandbox.settled();
        return !(await hasWork(service));
      }),
    faults: (...rules: unknown[]) => must('admin', 'POST', '/_sandbox/faults', rules),
    resync: () => service.engine.replay('resync:acme/appliance', 'the test'),
    verdict: async (iid: number) =>
      (await explainKey(service.database.query, `issue:acme/appliance#${iid}`))?.decision?.verdict,
    /** Everything the bot has sent that may change something, oldest first. */
    writes: async (): Promise<string[]> => {
      const log = (await must('admin', 'GET', '/_sandbox/requests')) as {
        method: string;
        path: string;
        user: string;
      }[];
      return log.filter(each => each.user === me && each.method !== 'GET').map(each => `${each.method} ${each.path}`);
    },
    close: async () => {
      await service.stop();
      await sandbox.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function hasWork({ database }: Service): Promise<boolean> {
  const unread = await database.query.selectFrom('deliveries').select('id').where('state', '=', 'stored').execute();
  if (unread.length > 0) return true;
  const work = await database.query.selectFrom('work').selectAll().execute();
  return work.some(row => row.owner !== null || (row.due_at !== null && Number(row.due_at) < Date.now() + 60_000));
}

function configText(directory: string, gitlabUrl: string, rules: string): string {
  return `service:
  listen: 127.0.0.1:0
  data_dir: ${directory}/data
gitlab:
  url: ${gitlabUrl}
  token: { file: ${directory}/token }
  webhook:
    secret_tokens: [ { file: ${directory}/hook } ]
board:
  projects:
    acme/appliance:
      ${rules}
`;
}
