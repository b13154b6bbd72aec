import type { Chapter, Stage } from './chapter.ts';
import { until } from './until.ts';

interface Thread {
  notes: { id: number; body: string; resolvable?: boolean; resolved?: boolean }[];
}

const PROJECT = '/projects/acme%2Fappliance';

/** A merge request from a 5.4 branch into release/5.3: a thread blocks the merge; retargeted, it resolves itself. */
export const versionCheckChapter: Chapter = {
  number: 1,
  title: 'Version check',
  settings: () => `version_check:
  projects:
    acme/appliance:
      version: [ { file: VERSION } ]
`,
  hooks: { 'acme/appliance': ['merge_requests_events', 'push_events', 'note_events'] },
  play: async stage => {
    const created = await stage.as('developer', 'POST', `${PROJECT}/merge_requests`, {
      source_branch: 'feature/backup-share',
      target_branch: 'release/5.3',
      title: 'Back up to a network share',
    });
    const { iid } = created.body as { iid: number };
    const blocked = await until(() => findThread(stage, iid, false));
    const merge = await stage.as('maintainer', 'PUT', `${PROJECT}/merge_requests/${iid}/merge`);
    await stage.as('developer', 'PUT', `${PROJECT}/merge_requests/${iid}`, { target_branch: 'release/5.4' });
    const resolved = await until(() => findThread(stage, iid, true));
    const threads = await listThreads(stage, iid);
    return {
      line: `a 5.4 branch was aimed at release/5.3 (!${iid}): a thread held it up; retargeted, the thread resolved itself`,
      claims: [
        { claim: `a merge request from 5.4 into release/5.3 (!${iid}) gets a thread`, holds: blocked !== null },
        { claim: 'it cannot be merged', holds: merge.status === 405 },
        { claim: 'retargeted to release/5.4, the thread resolves itself', holds: resolved !== null },
        { claim: 'there is exactly one thread', holds: threads.length === 1 },
      ],
    };
  },
};

async function findThread(stage: Stage, iid: number, resolved: boolean): Promise<Thread | null> {
  const threads = await listThreads(stage, iid);
  return threads.find(thread => thread.notes[0]?.resolved === resolved) ?? null;
}

async function listThreads(stage: Stage, iid: number): Promise<Thread[]> {
  const answer = await stage.as('maintainer', 'GET', `${PROJECT}/merge_requests/${iid}/discussions`);
  return (answer.body as Thread[]).filter(thread => thread.notes[0]?.resolvable === true);
}
