import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { builtProgram } from '../support/program.ts';
import { type BoardStage, ISSUE, setBoardStage } from './board-stage.ts';
import { PROJECT } from './stage.ts';

const BIN = await builtProgram();
let stage: BoardStage;

afterEach(() => stage.close());

/** `signalbox board ISSUE …`, as a person types it. */
async function signalbox(...args: string[]) {
  const command = [BIN, 'board', ...args, '--config', stage.configFile, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, command, { timeout: 60_000 });
  return JSON.parse(stdout) as { decision: { verdict: string; because: string[]; plan: string[] } };
}

const move = (issue: number, to: string, from: string) => stage.relabel(issue, { add_labels: to, remove_labels: from });

test('events that were lost are read from the past: what came after the person moved counts, what came before does not', async () => {
  stage = await setBoardStage();
  const first = await stage.open('fix/backup', { description: 'Part of #1.' });
  const second = await stage.open('feature/licence', { description: 'Part of #2.' });
  await stage.inColumn(1, 'In Review');
  await stage.inColumn(2, 'In Review');
  await stage.quiet();
  await stage.faults({ fault: { drop_webhooks: 1 } });
  await stage.edit(first, { title: 'Draft: backup' });
  await stage.edit(first, { title: 'backup' });
  await move(1, 'To Do', 'In Review');
  await move(2, 'To Do', 'In Review');
  await stage.edit(second, { title: 'Draft: licence' });
  await stage.edit(second, { title: 'licence' });
  await stage.quiet();
  await stage.resync();
  await stage.inColumn(2, 'In Review');
  await stage.quiet();
  expect(await stage.labels(1)).toEqual(['To Do']);
  expect(await stage.verdict(1)).toBe('stays: moved by developer');
});

test('a reference that was written before the person moved moves nothing, one written afterwards does', async () => {
  stage = await setBoardStage();
  const iid = await stage.open('fix/backup', { description: 'Nothing yet.' });
  await stage.quiet();
  await stage.faults({ fault: { drop_webhooks: 1 } });
  await stage.edit(iid, { description: 'Part of #1.' });
  await move(1, 'In Development', 'To Do');
  await move(2, 'To Do', 'In Development');
  await stage.edit(iid, { description: 'Part of #1 and of #2.' });
  await stage.quiet();
  await stage.resync();
  await stage.inColumn(2, 'In Review');
  await stage.quiet();
  expect(await stage.verdict(1)).toBe('stays: moved by developer');
  expect(await stage.labels(1)).toEqual(['In Development']);
});

test('a move is taken back with one command, once, and stands until the merge requests ask for something new', async () => {
  stage = await setBoardStage();
  const iid = await stage.open('fix/backup', { description: 'Part of #1.' });
  await stage.inColumn(1, 'In Review');
  await stage.quiet();
  const undone = await signalbox('acme/appliance#1', '--undo');
  // Whether the look that took it back, or the one that its own webhook asked for.
  expect(undone.decision.verdict).toMatch(/goes back: the command line takes|taken back by the command line/);
  expect(await stage.labels(1)).toEqual(['To Do']);
  const operator = { kind: 'operator' as const, key: 'issue:acme/appliance#1' };
  const { rows } = (await stage.ask('GET', `/v1/journal?kind=operator&key=${encodeURIComponent(operator.key)}`)) as {
    rows: unknown[];
  };
  expect(rows).toMatchObject([{ ...operator, data: { undo: 'To Do', by: 'the command line' } }]);

  await stage.touch(iid);
  await stage.quiet();
  expect(await stage.verdict(1)).toBe('stays: taken back by the command line');
  expect(await stage.labels(1)).toEqual(['To Do']);
  await expect(signalbox('acme/appliance#1', '--undo')).rejects.toThrow(/SBX_NOTHING_TO_UNDO.*\n.*taken back already/);
  await stage.merge(iid);
  await stage.inColumn(1, 'To Test');
  await stage.quiet();
  expect(await stage.writes()).toEqual([1, 1, 1].map(() => `PUT ${ISSUE}/1`));
});

test("nothing is taken back where a person moved last, where nobody moved, or without the operator's role", async () => {
  stage = await setBoardStage();
  await stage.open('fix/backup', { description: 'Part of #1.' });
  await stage.inColumn(1, 'In Review');
  await move(1, 'To Do', 'In Review');
  await stage.quiet();
  await expect(signalbox('acme/appliance#1', '--undo')).rejects.toThrow(
    /the last move of acme\/appliance#1 is by developer/,
  );
  // A slip of the pen makes no work that would be laid aside in the end.
  await expect(signalbox('acme/aplliance#1')).rejects.toThrow(/board.projects has no acme\/aplliance/);
  await expect(signalbox('acme/appliance#9', '--undo')).rejects.toThrow(/SBX_/);
  const answer = await fetch(`${stage.service.url}/v1/board/undo`, { method: 'POST', body: '{}' });
  expect(answer.status).toBe(401);
  expect(await stage.writes()).toHaveLength(1);
});

test('a dry run decides as the service would, by what that remembers, running or not, and changes nothing', async () => {
  stage = await setBoardStage({
    rules: 'columns: [To Do, In Development, In Review, To Test, Testing]\n      references: [branch, description]',
  });
  // Only the memory knows that the branch was found to belong to the issue: GitLab relates the two nowhere.
  await stage.must('developer', 'POST', `${PROJECT}/repository/branches?branch=1-backup&ref=fix/backup`);
  const iid = await stage.open('1-backup', { title: 'Backup' });
  await stage.inColumn(1, 'In Review');
  await stage.quiet();
  await stage.faults({ fault: { drop_webhooks: 1 } });
  await stage.merge(iid);
  await stage.quiet();
  const before = await stage.writes();
  const running = await signalbox('acme/appliance#1', '--dry-run');
  expect(running.decision).toMatchObject({ verdict: 'moves to To Test', plan: ['move acme/appliance#1 to To Test'] });
  await stage.service.stop();
  const stopped = await signalbox('acme/appliance#1', '--dry-run');
  expect(stopped.decision).toEqual(running.decision);
  expect(await stage.writes()).toEqual(before);
  expect(await stage.labels(1)).toEqual(['In Review']);
  const real = await signalbox('acme/appliance#1');
  // Its service may have moved the issue when it started, before it was asked.
  expect(real.decision.verdict).toMatch(/^(moves to|in) To Test$/);
  expect(await stage.labels(1)).toEqual(['To Test']);
});
