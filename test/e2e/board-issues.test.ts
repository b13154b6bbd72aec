import { afterEach, expect, test } from 'vitest';
import { type BoardStage, ISSUE, setBoardStage } from './board-stage.ts';
import { PROJECT } from './stage.ts';

const COLUMNS = 'columns: [To Do, In Development, In Review, To Test, Testing]';
const LIB = '/projects/acme%2Flib-ssh';
let stage: BoardStage;

afterEach(() => stage.close());

const state = async (iid: number) => (await stage.must('admin', 'GET', `${PROJECT}/issues/${iid}`)).state as string;
const setState = (iid: number, state_event: string) =>
  stage.must('developer', 'PUT', `${PROJECT}/issues/${iid}`, { state_event });
const reopenedBy = async (iid: number): Promise<string[]> =>
  ((await stage.must('admin', 'GET', `${PROJECT}/issues/${iid}/resource_state_events`)) as ResourceEvent[])
    .filter(event => event.state === 'reopened')
    .map(event => event.user.username);
type ResourceEvent = { state: string; user: { username: string } };

test('closed by the merge, opened again into To Test; closed by a person, it stays so', async () => {
  stage = await setBoardStage({ rules: `${COLUMNS}\n      reopen: true` });
  const iid = await stage.open('fix/backup', { description: 'Closes #1.' });
  await stage.inColumn(1, 'In Review');
  await stage.merge(iid);
  await stage.until('issue 1 opened again', async () => (await reopenedBy(1)).length === 1);
  await stage.quiet();
  expect([await state(1), await stage.labels(1)]).toEqual(['opened', ['To Test']]);
  await setState(1, 'close');
  await stage.quiet();
  expect(await stage.verdict(1)).toBe('in To Test');
  await stage.touch(iid);
  await stage.quiet();
  expect(await state(1)).toBe('closed');
  expect(await reopenedBy(1)).toHaveLength(1);

  // A pick for an older line, opened and merged later, wakes nobody's closed issue.
  const pick = await stage.open('fix/clock-5.3', { description: 'Closes #1.', target_branch: 'release/5.3' });
  await stage.merge(pick);
  await stage.quiet();
  expect([await state(1), await stage.labels(1)]).toEqual(['closed', ['To Test']]);
  expect(await reopenedBy(1)).toHaveLength(1);
});

test('a closing that no webhook told of is found by the resync; without the setting it stays', async () => {
  for (const reopen of [true, false]) {
    await stage?.close();
    stage = await setBoardStage({ rules: `${COLUMNS}\n      reopen: ${reopen}` });
    const iid = await stage.open('fix/backup', { description: 'Closes #1.' });
    await stage.inColumn(1, 'In Review');
    await stage.quiet();
    await stage.faults({ fault: { drop_webhooks: 1 } });
    await stage.merge(iid);
    await stage.until('issue 1 closed', async () => (await state(1)) === 'closed');
    await stage.quiet();
    await stage.resync();
    await stage.until('looked at', async () => (await stage.verdict(1))?.includes('To Test'));
    await stage.quiet();
    expect(await state(1)).toBe(reopen ? 'opened' : 'closed');
    expect(await stage.labels(1)).toEqual([reopen ? 'To Test' : 'In Review']);
  }
});

test("lost issue events: a person's move is read with the issue, and leads to the same", async () => {
  stage = await setBoardStage();
  const iid = await stage.open('fix/backup', { description: 'Part of #1.' });
  await stage.inColumn(1, 'In Review');
  await stage.quiet();
  await stage.faults({ fault: { drop_webhooks: 1 } });
  await stage.relabel(1, { remove_labels: 'In Review', add_labels: 'To Do' });
  await stage.quiet();
  expect(await stage.verdict(1)).toMatch(/^(moves to|in) In Review$/);
  await stage.resync();
  await stage.until('seen', async () => (await stage.verdict(1)) === 'stays: moved by developer');
  await stage.merge(iid);
  await stage.quiet();
  await stage.resync();
  await stage.inColumn(1, 'To Test');
});

test('an issue is followed to the project it was moved to, where that has a board', async () => {
  stage = await setBoardStage({ rules: `${COLUMNS}\n    acme/lib-ssh: { ${COLUMNS} }` });
  for (const name of ['To Do', 'In Review', 'To Test']) {
    await stage.must('admin', 'POST', `${LIB}/labels`, { name, color: '#cccccc' });
  }
  const iid = await stage.open('fix/backup', { description: 'Part of #1.' });
  await stage.inColumn(1, 'In Review');
  await stage.quiet();
  const { id } = await stage.must('admin', 'GET', LIB);
  const moved = await stage.must('maintainer', 'POST', `${PROJECT}/issues/1/move`, { to_project_id: id });
  await stage.quiet();
  expect(await stage.verdict(1)).toBe(`followed to acme/lib-ssh#${moved.iid}`);
  await stage.merge(iid);
  const labels = async () => (await stage.must('admin', 'GET', `${LIB}/issues/${moved.iid}`)).labels as string[];
  await stage.until('the moved issue in To Test', async () => (await labels()).includes('To Test'));
  await stage.quiet();
  expect(await labels()).toEqual(['To Test']);
  expect(await stage.labels(1)).toEqual(['In Review']);
});

test('moved to where there is no board, and named in a project that nobody may see: said once, no error, no note', async () => {
  stage = await setBoardStage({ rules: `${COLUMNS}\n    hidden/vault: { ${COLUMNS} }` });
  const group = await stage.must('admin', 'POST', '/groups', { name: 'Hidden', path: 'hidden', visibility: 'private' });
  const vault = await stage.must('admin', 'POST', '/projects', {
    name: 'Vault',
    path: 'vault',
    namespace_id: group.id,
  });
  await stage.must('admin', 'POST', `/projects/${vault.id}/issues`, { title: 'The secret of the vault' });
  const { id } = await stage.must('admin', 'GET', LIB);
  await stage.must('maintainer', 'POST', `${PROJECT}/issues/2/move`, { to_project_id: id });
  const description = 'Part of #2, of hidden/vault#1 and of other/place#7.';
  const iid = await stage.open('fix/backup', { description });
  for (let times = 0; times < 3; times++) {
    await stage.touch(iid);
    await stage.quiet();
  }
  expect(await stage.verdict(2)).toMatch(/^stays: moved to acme\/lib-ssh#\d+$/);
  expect(await stage.verdict('hidden/vault#1')).toBe('not there: hidden/vault cannot be seen');
  const spoken = await stage.journal('mentions:acme/appliance!1');
  expect(spoken.map(row => row.data['verdict'])).toEqual([
    'speaks of acme/appliance#2, hidden/vault#1; without a board: other/place#7',
  ]);
  const decisions = (await stage.journal('issue:hidden/vault#1')).map(row => row.kind);
  expect(decisions.filter(kind => kind === 'decision')).toHaveLength(1);
  expect(decisions).not.toContain('failure');
  expect(await stage.writes()).toEqual([]);
});

test('a confidential issue moves, and nothing of it is said anywhere', async () => {
  stage = await setBoardStage();
  const secret = 'Console leaks the name of the backup account';
  expect(await stage.must('admin', 'GET', `${PROJECT}/issues/4`)).toMatchObject({ confidential: true, title: secret });
  const iid = await stage.open('fix/backup', { description: 'Part of #4.' });
  await stage.inColumn(4, 'In Review');
  await stage.merge(iid);
  await stage.inColumn(4, 'To Test');
  await stage.quiet();
  // One request each, with labels and nothing else: no note, no text.
  expect(await stage.writes()).toEqual([`PUT ${ISSUE}/4`, `PUT ${ISSUE}/4`]);
  const discussions = await stage.must('stranger', 'GET', `${PROJECT}/merge_requests/${iid}/notes`).catch(() => []);
  const notes = await stage.must('developer', 'GET', `${PROJECT}/merge_requests/${iid}/notes`);
  expect(JSON.stringify([discussions, notes])).not.toContain(secret);
  expect(JSON.stringify(await stage.everythingKept())).not.toContain(secret);
});
