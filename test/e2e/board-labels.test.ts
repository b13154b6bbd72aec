import { afterEach, expect, test } from 'vitest';
import { explainKey } from '../../src/engine/explain.ts';
import { type BoardStage, ISSUE, setBoardStage } from './board-stage.ts';
import { PROJECT } from './stage.ts';

let stage: BoardStage;

afterEach(() => stage.close());

const SLOW = { match: { method: 'PUT', path: `${ISSUE}/1` }, times: 1, fault: { delay_ms: 600 } };

/** Resolves when our request for the issue is under way: sent, and not yet carried out. */
const underWay = () =>
  stage.until('our request is under way', async () => (await stage.sent({ method: 'PUT', path: ISSUE })).length > 0);

test.each(['free', 'premium'] as const)(
  'scoped labels on %s: exactly one column, one request for each move',
  async tier => {
    stage = await setBoardStage({
      rules: `columns: ["wf::todo", "wf::dev", "wf::review", "wf::test"]
      opened: "wf::review"
      merged: "wf::test"`,
      sandbox: { tier },
    });
    for (const name of ['wf::todo', 'wf::dev', 'wf::review', 'wf::test', 'team::a']) {
      await stage.must('admin', 'POST', `${PROJECT}/labels`, { name, color: '#cccccc' });
    }
    await stage.relabel(1, { labels: 'wf::todo,team::a,freshdesk' });
    const iid = await stage.open('fix/backup', { description: 'Part of #1.' });
    await stage.inColumn(1, 'wf::review');
    expect(await stage.labels(1)).toEqual(['freshdesk', 'team::a', 'wf::review']);
    await stage.merge(iid);
    await stage.inColumn(1, 'wf::test');
    await stage.quiet();
    expect(await stage.labels(1)).toEqual(['freshdesk', 'team::a', 'wf::test']);
    expect(await stage.writes()).toEqual([`PUT ${ISSUE}/1`, `PUT ${ISSUE}/1`]);
  },
);

test('labels that people change while our request is under way survive it', async () => {
  stage = await setBoardStage();
  await stage.relabel(1, { add_labels: 'freshdesk' });
  await stage.quiet();
  await stage.faults(SLOW);
  await stage.open('fix/backup', { description: 'Part of #1.' });
  await underWay();
  await stage.relabel(1, { add_labels: 'race condition', remove_labels: 'freshdesk' });
  await stage.inColumn(1, 'In Review');
  await stage.quiet();
  expect(await stage.labels(1)).toEqual(['In Review', 'race condition']);
});

test("a person's move that crosses ours wins, and the issue is in one column", async () => {
  stage = await setBoardStage();
  await stage.faults(SLOW);
  await stage.open('fix/backup', { description: 'Part of #1.' });
  await underWay();
  await stage.relabel(1, { add_labels: 'In Development', remove_labels: 'To Do' });
  await stage.quiet();
  expect(await stage.labels(1)).toEqual(['In Development']);
  expect(await stage.verdict(1)).toBe('stays: moved by developer');
  expect(await stage.writes()).toEqual([`PUT ${ISSUE}/1`, `PUT ${ISSUE}/1`]);
});

test.each([
  ['breaks off before it is carried out', { reset: 'before' }],
  ['breaks off after it was carried out', { reset: 'after' }],
  ['is carried out and answered with 502', { commit_then: 502 }],
  ['is refused with 429', { status: 429, headers: { 'retry-after': '1' }, body: { message: 'Retry later' } }],
])('a request that %s moves the issue once', async (_name, fault) => {
  stage = await setBoardStage();
  await stage.faults({ match: { method: 'PUT', path: `${ISSUE}/1` }, times: 1, fault });
  await stage.open('fix/backup', { description: 'Part of #1.' });
  await stage.inColumn(1, 'In Review');
  await stage.quiet();
  expect(await stage.verdict(1)).toMatch(/^(moves to|in) In Review$/);
  const events = (await stage.must('admin', 'GET', `${PROJECT}/issues/1/resource_label_events`)) as unknown[];
  expect(await stage.labels(1)).toEqual(['In Review']);
  expect(events).toHaveLength(3);
});

test('a column without a label is found at the start, and nothing is created for it', async () => {
  stage = await setBoardStage({ rules: 'opened: In Revue\n      columns: [To Do, In Revue, To Test, Testing]' });
  await stage.quiet();
  const found = await explainKey(stage.service.database.query, 'board:acme/appliance');
  expect(found?.decision?.verdict).toBe('there is no label "In Revue"');
  expect(await stage.writes()).toEqual([]);
});
