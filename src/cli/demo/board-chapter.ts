import type { Chapter, Stage } from './chapter.ts';
import { until } from './until.ts';

const PROJECT = '/projects/acme%2Fappliance';
const COLUMNS = ['To Do', 'In Development', 'In Review', 'To Test', 'Testing'];

/** A merge request that mentions issue 1 is opened: In Review; merged: To Test. */
export const boardChapter: Chapter = {
  number: 2,
  title: 'Board',
  settings: () => `board:
  projects:
    acme/appliance:
      columns: [${COLUMNS.join(', ')}]
      draft: In Development
`,
  hooks: { 'acme/appliance': ['merge_requests_events', 'issues_events', 'confidential_issues_events'] },
  play: async stage => {
    const created = await stage.as('developer', 'POST', `${PROJECT}/merge_requests`, {
      source_branch: 'fix/backup',
      target_branch: 'main',
      title: 'Fix backup, #1',
    });
    const { iid } = created.body as { iid: number };
    const reviewed = await until(() => inColumn(stage, 'In Review'));
    const merged = await until(async () => {
      const answer = await stage.as('maintainer', 'PUT', `${PROJECT}/merge_requests/${iid}/merge`);
      return answer.status === 200 ? true : null;
    });
    const toTest = await until(() => inColumn(stage, 'To Test'));
    const moves = await stage.sent('PUT', '/issues/1');
    return {
      line: `"Fix backup, #1" (!${iid}) was opened: issue 1 moved to In Review; it was merged: to To Test`,
      claims: [
        { claim: `!${iid} opened: issue 1 is in In Review, and in no other column`, holds: reviewed !== null },
        { claim: `!${iid} is merged`, holds: merged === true },
        { claim: 'issue 1 is in To Test, and in no other column', holds: toTest !== null },
        { claim: 'each of the two moves was one request', holds: moves === 2 },
      ],
    };
  },
};

async function inColumn(stage: Stage, column: string): Promise<true | null> {
  const { body } = await stage.as('maintainer', 'GET', `${PROJECT}/issues/1`);
  const columns = (body as { labels: string[] }).labels.filter(label => COLUMNS.includes(label));
  return columns.join() === column ? true : null;
}
