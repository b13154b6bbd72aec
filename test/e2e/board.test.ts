import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BoardStage, ISSUE, setBoardStage } from './board-stage.ts';

let stage: BoardStage;

async function set(options: Parameters<typeof setBoardStage>[0] = {}): Promise<void> {
  await stage.close();
  stage = await setBoardStage(options);
}

beforeEach(async () => {
  stage = await setBoardStage();
});
afterEach(() => stage.close());

test('opened: In Review; merged: To Test; one request each, and our own writes lead to no more', async () => {
  const iid = await stage.open('fix/backup', { description: 'Part of #1.' });
  await stage.inColumn(1, 'In Review');
  await stage.merge(iid);
  await stage.inColumn(1, 'To Test');
  await stage.quiet();
  await stage.touch(iid);
  await stage.quiet();
  expect(await stage.writes()).toEqual([`PUT ${ISSUE}/1`, `PUT ${ISSUE}/1`]);
  expect(await stage.labels(1)).toEqual(['To Test']);
});

test('two merge requests: the first merged stays, the second moves', async () => {
  const first = await stage.open('fix/backup', { description: 'Part of #1.' });
  const second = await stage.open('feature/licence', { title: 'More for #1' });
  await stage.inColumn(1, 'In Review');
  await stage.merge(first);
  await stage.quiet();
  expect(await stage.labels(1)).toEqual(['In Review']);
  await stage.merge(second);
  await stage.inColumn(1, 'To Test');
});

test('a reference taken out brings the issue back to where it was', async () => {
  const iid = await stage.open('fix/backup', { description: 'Part of #2.' });
  await stage.inColumn(2, 'In Review');
  await stage.edit(iid, { description: 'Part of nothing.' });
  await stage.inColumn(2, 'In Development');
});

test("a person's move is respected, and other labels are left alone", async () => {
  const iid = await stage.open('fix/backup', { description: 'Part of #1.' });
  await stage.inColumn(1, 'In Review');
  await stage.relabel(1, { add_labels: 'To Do,freshdesk', remove_labels: 'In Review' });
  await stage.edit(iid, { description: 'Part of #1, and more.' });
  await stage.open('feature/licence', { description: 'Part of #1 too.', title: 'Draft: licence' });
  await stage.quiet();
  expect(await stage.verdict(1)).toBe('stays: moved by developer');
  expect(await stage.labels(1)).toEqual(['To Do', 'freshdesk']);
  expect(await stage.writes()).toHaveLength(1);
});

test("a person's move stands until the merge requests ask for something new", async () => {
  const iid = await stage.open('fix/backup', { description: 'Part of #1.' });
  await stage.inColumn(1, 'In Review');
  await stage.relabel(1, { add_labels: 'To Do', remove_labels: 'In Review' });
  await stage.quiet();
  await stage.merge(iid);
  await stage.inColumn(1, 'To Test');
  await stage.relabel(1, { add_labels: 'In Development', remove_labels: 'To Test' });
  await stage.touch(iid);
  await stage.quiet();
  expect(await stage.labels(1)).toEqual(['In Development']);
});

test('an issue that a person has moved on to Testing is left there', async () => {
  await stage.open('fix/backup', { description: 'Part of #3.' });
  await stage.quiet();
  expect(await stage.verdict(3)).toBe('stays in Testing');
  expect(await stage.labels(3)).toEqual(['Testing']);
  expect(await stage.writes()).toEqual([]);
});

test('a column without a label is never created', async () => {
  await set({ rules: 'opened: In Revue\n      columns: [To Do, In Development, In Revue, To Test, Testing]' });
  await stage.open('fix/backup', { description: 'Part of #1.' });
  await stage.quiet();
  expect(await stage.verdict(1)).toBe('stays: there is no label In Revue');
  expect(await stage.labels(1)).toEqual(['To Do']);
  expect(await stage.writes()).toEqual([]);
});

test('a dry run sends no request that changes anything', async () => {
  await set({ dryRun: true });
  await stage.open('fix/backup', { description: 'Part of #1.' });
  await stage.quiet();
  expect(await stage.verdict(1)).toBe('moves to In Review');
  expect(await stage.writes()).toEqual([]);
});

test('duplicated, shuffled and lost webhooks end in the same columns after a resync', async () => {
  await stage.faults(
    { fault: { duplicate_webhooks: 0.5 } },
    { fault: { shuffle_webhooks: 200 } },
    { fault: { drop_webhooks: 0.2 } },
  );
  const first = await stage.open('fix/backup', { description: 'Part of #1 and #2.' });
  const second = await stage.open('feature/licence', { description: 'Part of #2.', title: 'Draft: licence' });
  await stage.edit(second, { title: 'Licence' });
  await stage.merge(first);
  await stage.edit(second, { state_event: 'close' });
  await stage.edit(second, { state_event: 'reopen' });
  await stage.quiet();
  await stage.resync();
  await stage.inColumn(1, 'To Test');
  await stage.inColumn(2, 'In Review');
});
