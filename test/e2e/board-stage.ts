import { dirname, join } from 'node:path';
import { explainKey } from '../../src/engine/explain.ts';
import { readJournal } from '../../src/engine/journal/journal.ts';
import { readControl } from '../../src/service/control-file.ts';
import { PROJECT, type StageOptions, setStage } from './stage.ts';

export const ISSUE = '/api/v4/projects/acme%2Fappliance/issues';

const RULES = `columns: [To Do, In Development, In Review, To Test, Testing]
      draft: In Development`;
const EVENTS = { merge_requests_events: true, issues_events: true, confidential_issues_events: true };

type BoardOptions = Pick<StageOptions, 'dryRun' | 'between' | 'sandbox'> & { rules?: string };

/** A stage whose only automation is the board of acme/appliance. */
export type BoardStage = Awaited<ReturnType<typeof setBoardStage>>;

export async function setBoardStage({ rules = RULES, ...options }: BoardOptions = {}) {
  const sections = `board:\n  projects:\n    acme/appliance:\n      ${rules}\n`;
  const stage = await setStage({ ...options, sections, events: EVENTS });
  const { must, service, until } = stage;

  const labels = async (iid: number): Promise<string[]> =>
    ((await must('admin', 'GET', `${PROJECT}/issues/${iid}`)).labels as string[]).toSorted();
  const edit = (iid: number, body: Record<string, unknown>) =>
    must('developer', 'PUT', `${PROJECT}/merge_requests/${iid}`, body);
  return {
    ...stage,
    labels,
    edit,
    open: async (source: string, more: Record<string, unknown>): Promise<number> => {
      const body = { source_branch: source, target_branch: 'main', title: source, ...more };
      const { iid } = await must('developer', 'POST', `${PROJECT}/merge_requests`, body);
      await stage.settled();
      return iid as number;
    },
    merge: async (iid: number) => {
      await stage.settled();
      await must('maintainer', 'PUT', `${PROJECT}/merge_requests/${iid}/merge`);
    },
    /** An event about nothing in particular. */
    touch: (iid: number) => edit(iid, { labels: 'freshdesk' }),
    relabel: (iid: number, body: Record<string, unknown>) => must('developer', 'PUT', `${PROJECT}/issues/${iid}`, body),
    inColumn: (iid: number, column: string) =>
      until(`issue ${iid} in ${column}`, async () => (await labels(iid)).includes(column)),
    resync: () => service.engine.replay('resync:acme/appliance', 'the test'),
    /** What was decided on issue 1, or on `group/project#1`. */
    verdict: async (issue: number | string) => {
      const key = `issue:${typeof issue === 'number' ? `acme/appliance#${issue}` : issue}`;
      return (await explainKey(service.database.query, key))?.decision?.verdict;
    },
    /** What the last look at an issue of acme/appliance found, as JSON. */
    facts: async (iid: number) =>
      JSON.stringify((await explainKey(service.database.query, `issue:acme/appliance#${iid}`))?.facts ?? null),
    /** What the journal says of a key, oldest first, without what was signalled. */
    journal: async (key: string) =>
      (await readJournal(service.database.query, { key, limit: 100 }))
        .filter(row => row.kind !== 'signal')
        .map(row => ({ kind: row.kind, data: row.data as Record<string, unknown> }))
        .toReversed(),
    /** Everything that is kept for longer than the deliveries themselves. */
    everythingKept: async () => [
      await service.database.query.selectFrom('journal').selectAll().execute(),
      await service.database.query.selectFrom('records').selectAll().execute(),
      await service.database.query.selectFrom('effects').selectAll().execute(),
    ],
    /** Asks the service as the command line on its machine does. */
    ask: async (method: string, path: string): Promise<unknown> => {
      const control = readControl(join(dirname(stage.configFile), 'data'));
      const headers = { authorization: `Bearer ${control?.token}` };
      return (await fetch(`${service.url}${path}`, { method, headers })).json();
    },
    /** Everything the service has sent that may change something, oldest first. */
    writes: async (): Promise<string[]> =>
      (await stage.sent()).filter(each => each.method !== 'GET').map(each => `${each.method} ${each.path}`),
  };
}
