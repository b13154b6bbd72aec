import { afterEach, expect, test } from 'vitest';
import { type BoardStage, setBoardStage } from './board-stage.ts';
import { PROJECT } from './stage.ts';

const COLUMNS = 'columns: [To Do, In Development, In Review, To Test, To Test 5.3, Testing]';
let stage: BoardStage;

afterEach(() => stage.close());

async function commit(branch: string, message: string, file: string): Promise<void> {
  const actions = [{ action: 'create', file_path: file, content: 'x\n' }];
  const body = { branch, commit_message: message, actions, start_branch: 'main' };
  await stage.must('developer', 'POST', `${PROJECT}/repository/commits`, body);
}

test('branch names and commit messages count where the settings say so, pushed later too', async () => {
  stage = await setBoardStage({ rules: `${COLUMNS}\n      references: [branch, commits]` });
  await commit('1-fix-the-fan', 'Turn it off', 'src/fan.txt');
  const iid = await stage.open('1-fix-the-fan', { title: 'Fan', description: 'Not about #4.' });
  await stage.inColumn(1, 'In Review');
  await stage.must('developer', 'POST', `${PROJECT}/repository/commits`, {
    branch: '1-fix-the-fan',
    commit_message: 'Turn it on again\n\nPart of #2.',
    actions: [{ action: 'update', file_path: 'src/fan.txt', content: 'on\n' }],
  });
  await stage.inColumn(2, 'In Review');
  await stage.merge(iid);
  await stage.inColumn(1, 'To Test');
  await stage.inColumn(2, 'To Test');
  await stage.quiet();
  expect(await stage.labels(4)).toEqual(['To Do']);
});

test('without them in the settings, neither counts', async () => {
  stage = await setBoardStage();
  await commit('1-fix-the-fan', 'Turn it off\n\nCloses #1.', 'src/fan.txt');
  await stage.open('1-fix-the-fan', { title: 'Fan' });
  await stage.quiet();
  expect(await stage.labels(1)).toEqual(['To Do']);
  expect(await stage.writes()).toEqual([]);
});

test.each([
  ['by its name, speaking of no issue', async (iid: number) => `This reverts merge request !${iid}`],
  [
    'by its address',
    async (iid: number) => `This reverts merge request ${stage.gitlabUrl}/acme/appliance/-/merge_requests/${iid}`,
  ],
  [
    'by its merge commit',
    async (iid: number) => {
      const { merge_commit_sha: sha } = await stage.must('developer', 'GET', `${PROJECT}/merge_requests/${iid}`);
      return `Revert "backup"\n\nThis reverts commit ${sha}.`;
    },
  ],
])('a merged revert, named %s, brings the issue back to where it was; open, it does nothing', async (_name, text) => {
  stage = await setBoardStage({ rules: COLUMNS });
  const iid = await stage.open('fix/backup', { description: 'Part of #2.' });
  await stage.merge(iid);
  await stage.inColumn(2, 'To Test');
  await stage.quiet();
  await commit('undo-it', 'Revert "backup"', 'src/undone.txt');
  const revert = await stage.open('undo-it', { title: 'Revert "backup"', description: await text(iid) });
  await stage.quiet();
  expect(await stage.labels(2)).toEqual(['To Test']);
  await stage.merge(revert);
  await stage.inColumn(2, 'In Development');
});

test('a cherry-pick merged later moves nothing: not out of its column, not out of Testing, not open again', async () => {
  stage = await setBoardStage({
    rules: `${COLUMNS}\n      merged_by_branch: { release/5.3: To Test 5.3 }\n      mentions: [closes, relates]\n      reopen: true`,
  });
  await stage.must('admin', 'POST', `${PROJECT}/labels`, { name: 'To Test 5.3', color: '#cccccc' });
  const iid = await stage.open('fix/backup', { description: 'Part of #1, part of #2, part of #4.' });
  await stage.merge(iid);
  for (const issue of [1, 2, 4]) await stage.inColumn(issue, 'To Test');
  await stage.quiet();
  await stage.relabel(1, { add_labels: 'Testing', remove_labels: 'To Test' });
  await stage.relabel(4, { state_event: 'close' });
  const more = { description: 'Part of #1, part of #2, part of #4.', target_branch: 'release/5.3' };
  await stage.faults({ fault: { drop_webhooks: 1 } });
  const pick = await stage.open('fix/clock-5.3', more);
  await stage.merge(pick);
  await stage.quiet();
  await stage.resync();
  await stage.until('looked at', async () => (await stage.facts(2)).includes('"iid":2,"state":"merged"'));
  await stage.quiet();
  expect(await stage.labels(1)).toEqual(['Testing']);
  expect(await stage.labels(2)).toEqual(['To Test']);
  expect(await stage.labels(4)).toEqual(['To Test']);
  expect(await stage.verdict(4)).toBe('in To Test');
  expect(await stage.must('admin', 'GET', `${PROJECT}/issues/4`)).toMatchObject({ state: 'closed' });
});

test('a reference edited out makes the issue it named before worth a look, and one edited in the new one', async () => {
  stage = await setBoardStage();
  const iid = await stage.open('fix/backup', { description: 'Part of #1.' });
  await stage.inColumn(1, 'In Review');
  await stage.edit(iid, { description: 'Part of #2.' });
  await stage.inColumn(1, 'To Do');
  await stage.inColumn(2, 'In Review');
  await stage.quiet();
  const [first, second] = await stage.journal(`mentions:acme/appliance!${iid}`);
  expect([first?.data['verdict'], second?.data['verdict']]).toEqual([
    'speaks of acme/appliance#1',
    'speaks of acme/appliance#2',
  ]);
});
