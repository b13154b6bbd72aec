import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { DEFAULT_PACE } from '../../src/engine/work/back-off.ts';
import { PROJECT, setTestStage, type TestStage } from './version-check-stage.ts';

const stages: TestStage[] = [];
async function setStage(options: Parameters<typeof setTestStage>[0] = {}): Promise<TestStage> {
  const stage = await setTestStage(options);
  stages.push(stage);
  return stage;
}
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.close();
});

function retarget(stage: TestStage, iid: number, branch: string) {
  return stage.call('developer', 'PUT', `${PROJECT}/merge_requests/${iid}`, { target_branch: branch });
}

/** What stands at the end, whatever was said on the way: who is blocked, and by which words. */
async function finalState(stage: TestStage, iids: number[]) {
  const threads = await Promise.all(iids.map(iid => stage.ours(iid)));
  expect(threads.every(each => each.length <= 1)).toBe(true);
  // The table names the commit at which the mismatch was found: a further push that changes nothing about it is not written.
  const withoutCommits = (body: string) => body.replace(/`[0-9a-f]{11}`/g, '`commit`');
  return threads.map(([thread]) =>
    thread?.notes[0]?.resolved === false ? withoutCommits(thread.notes[0].body) : 'free',
  );
}

describe('the final state', () => {
  async function story(stage: TestStage, rest: () => Promise<void>): Promise<string[]> {
    const wrong = await stage.open('feature/backup-share', 'release/5.3');
    const tape = await stage.open('feature/backup-tape', 'release/5.3');
    const clock = await stage.open('fix/clock-5.3', 'release/5.4');
    const licence = await stage.open('feature/licence', 'main');
    await rest();
    await retarget(stage, wrong, 'release/5.4');
    await retarget(stage, clock, 'release/5.3');
    await retarget(stage, licence, 'release/5.3');
    await rest();
    await stage.call('developer', 'POST', `${PROJECT}/repository/commits`, {
      branch: 'feature/backup-tape',
      commit_message: 'A further push',
      actions: [{ action: 'create', file_path: 'src/more.txt', content: 'more\n' }],
    });
    for (const label of ['a', 'b', 'c']) {
      await stage.call('developer', 'PUT', `${PROJECT}/merge_requests/${tape}`, { title: `Backup to tape ${label}` });
    }
    await stage.quiet();
    await stage.service.engine.replay('resync:acme/appliance', 'the test');
    await stage.quiet();
    return finalState(stage, [wrong, tape, clock, licence]);
  }

  test('is the same with deliveries duplicated, shuffled and a fifth of them lost', async () => {
    const calm = await setStage();
    const expected = await story(calm, () => calm.quiet());
    expect(expected.map(text => text === 'free')).toEqual([true, false, true, false]);

    const rough = await setStage();
    await rough.faults(
      { fault: { drop_webhooks: 0.2 } },
      { fault: { duplicate_webhooks: true } },
      { fault: { shuffle_webhooks: 150 } },
    );
    expect(await story(rough, () => Promise.resolve())).toEqual(expected);
  });

  test('is the same when no delivery arrives at all', async () => {
    const stage = await setStage();
    await stage.faults({ fault: { drop_webhooks: true } });
    const result = await story(stage, () => Promise.resolve());
    expect(result.map(text => text === 'free')).toEqual([true, false, true, false]);
  });
});

test('a hundred updates in five seconds are at most three evaluations and one note', async () => {
  const stage = await setStage({ pace: DEFAULT_PACE });
  const iid = await stage.open('feature/backup-share', 'release/5.4');
  await stage.quiet();
  await stage.call('admin', 'DELETE', '/_sandbox/requests');
  await retarget(stage, iid, 'release/5.3');

  const started = Date.now();
  for (let update = 1; update <= 100; update++) {
    await stage.call('developer', 'PUT', `${PROJECT}/merge_requests/${iid}`, {
      title: `Back up to a share, ${update}`,
    });
    await sleep(Math.max(0, started + update * 50 - Date.now()));
  }
  await stage.quiet();

  const sent = await stage.sent();
  const looks = sent.filter(({ method, path }) => method === 'GET' && path.endsWith(`/merge_requests/${iid}`));
  expect(looks.length).toBeGreaterThan(0);
  expect(looks.length).toBeLessThanOrEqual(3);
  expect(sent.filter(({ method }) => method === 'POST')).toHaveLength(1);
  const last = Date.parse(looks.at(-1)?.at ?? '');
  const updates = (await stage.call('admin', 'GET', '/_sandbox/requests?method=PUT')).body as { at: string }[];
  expect(last).toBeGreaterThan(Date.parse(updates.at(-1)?.at ?? ''));
  expect(await stage.ours(iid)).toHaveLength(1);
});

test.each([
  { method: 'POST', path: '/discussions', what: 'a write' },
  { method: 'GET', path: '/merge_requests/:iid', what: 'a read' },
])('429 on $what: waits as long as GitLab asks, and loses nothing', async ({ method, path }) => {
  const stage = await setStage();
  await stage.faults({ match: { method, path }, times: 1, fault: { status: 429, headers: { 'retry-after': '4' } } });
  const iid = await stage.open('feature/backup-share', 'release/5.3');
  await stage.until('a thread', async () => (await stage.ours(iid)).length > 0);
  await stage.quiet();

  const sent = await stage.sent();
  const refused = sent.findIndex(each => each.status === 429);
  expect(refused).toBeGreaterThanOrEqual(0);
  const waited = Date.parse(sent[refused + 1]?.at ?? '') - Date.parse(sent[refused]?.at ?? '');
  expect(waited).toBeGreaterThanOrEqual(3_900);
  expect(await stage.ours(iid)).toHaveLength(1);
});

test.each([
  { what: 'answered with 502', fault: { commit_then: 502 } },
  { what: 'never answered', fault: { reset: 'after' } },
])('a thread that was made but $what is not made twice', async ({ fault }) => {
  const stage = await setStage({ pace: { settle: 20, spacing: 50, backOff: 50, grace: 500 } });
  await stage.faults({ match: { method: 'POST', path: '/discussions' }, times: 1, fault });
  const iid = await stage.open('feature/backup-share', 'release/5.3');
  await stage.until('a thread', async () => (await stage.ours(iid)).length > 0);
  await stage.service.engine.replay(`merge-request:acme/appliance!${iid}`, 'the test');
  await stage.quiet();
  expect(await stage.ours(iid)).toHaveLength(1);
  expect(await stage.sent({ method: 'POST', path: '/discussions' })).toHaveLength(1);
});
