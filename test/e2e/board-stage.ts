import { explainKey } from '../../src/engine/explain.ts';
import { PROJECT, type StageOptions, setStage } from './stage.ts';

export const ISSUE = '/api/v4/projects/acme%2Fappliance/issues';

const RULES = `columns: [To Do, In Development, In Review, To Test, Testing]
      draft: In Development`;
const EVENTS = { merge_requests_events: true, issues_events: true };

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
    verdict: async (iid: number) =>
      (await explainKey(service.database.query, `issue:acme/appliance#${iid}`))?.decision?.verdict,
    /** Everything the service has sent that may change something, oldest first. */
    writes: async (): Promise<string[]> =>
      (await stage.sent()).filter(each => each.method !== 'GET').map(each => `${each.method} ${each.path}`),
  };
}
