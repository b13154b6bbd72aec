import { afterEach, expect, test } from 'vitest';
import { pick, type Relay, seeded, startRelay } from './board-relay.ts';
import { type BoardStage, setBoardStage } from './board-stage.ts';
import { type LoggedRequest, PROJECT } from './stage.ts';

/** More for a long run. */
const EVENTS = Number(process.env['SIGNALBOX_SOAK_EVENTS'] ?? 100);
const SEED = Number(process.env['SIGNALBOX_SEED'] ?? Math.floor(Math.random() * 1e9));
const PATIENCE = 60_000 + EVENTS * 1000;
const BRANCHES = ['fix/backup', 'feature/licence', 'feature/backup-share', 'feature/backup-tape', 'fix/clock-5.3'];
const ISSUES = [1, 2, 4];
const FAIR = { lost: 0, twice: 0.2, late: 0 };

let stage: BoardStage;
let relay: Relay;
afterEach(async () => {
  await stage.close();
  await relay.close();
});

/**
 * A stage on which our own changes come back as webhooks: the relay takes away the chain id by which GitLab would keep them
 * from us, as it is where a second hook or another program brings them.
 */
async function set(options: { dryRun: boolean }): Promise<void> {
  stage = await setBoardStage({
    ...options,
    between: async hook => {
      relay = await startRelay(hook, { forgetChain: true });
      return relay.url;
    },
  });
  await stage.must('admin', 'PUT', PROJECT, { autoclose_referenced_issues: false });
  // The round of the start, if it came late, would find what people do next before its events are passed on.
  await stage.quiet();
}

/** What people do: a few at a time, then `after`, until GitLab has sent so many events. */
async function soak(random: () => number, after: () => Promise<void>): Promise<void> {
  const all: { iid: number; closed: boolean; branch: string }[] = [];
  for (const [index, branch] of BRANCHES.entries()) {
    const issue = ISSUES[index % ISSUES.length];
    all.push({ iid: await stage.open(branch, { description: `Part of #${issue}` }), closed: false, branch });
  }
  await after();
  while (relay.counts.taken < EVENTS) {
    for (let step = 0; step < 3; step++) {
      const one = pick(random, all);
      const what = pick(random, ['touch', 'issue', 'draft', 'ready', 'reference', 'state', 'state'] as const);
      if (what === 'touch') await stage.edit(one.iid, { labels: `touched-${relay.counts.taken}` });
      else if (what === 'issue') await stage.relabel(pick(random, ISSUES), { title: `Event ${relay.counts.taken}` });
      else if (what === 'draft') await stage.edit(one.iid, { title: `Draft: ${one.branch}` });
      else if (what === 'ready') await stage.edit(one.iid, { title: one.branch });
      else if (what === 'reference') await stage.edit(one.iid, { description: `Part of #${pick(random, ISSUES)}` });
      else {
        await stage.edit(one.iid, { state_event: one.closed ? 'reopen' : 'close' });
        one.closed = !one.closed;
      }
      await stage.settled();
    }
    await after();
  }
}

const mutating = (log: readonly LoggedRequest[]) => log.filter(({ method }) => method !== 'GET');

test(`no write of ours leads to another one, over ${EVENTS} events from seed ${SEED}`, {
  timeout: PATIENCE,
}, async () => {
  await set({ dryRun: false });
  const random = seeded(SEED);
  let echoes = 0;
  await soak(random, async () => {
    // What people have done is passed on; what we write because of it is held, and then comes back to us.
    await relay.release(random, FAIR);
    await stage.quiet();
    // What the last write has set off is on its way still.
    await stage.settled();
    const written = mutating(await stage.sent()).length;
    echoes += relay.holds();
    await relay.release(random, FAIR);
    await stage.quiet();
    expect(mutating(await stage.sent()).length, 'writes after our own have come back').toBe(written);
    expect(relay.holds(), 'events after that').toBe(0);
  });
  const writes = mutating(await stage.sent());
  expect(writes.length).toBeGreaterThan(5);
  expect(echoes, 'each came back, or this would prove nothing').toBeGreaterThanOrEqual(writes.length);
  expect([
    ...new Set(writes.map(({ method, path, status }) => `${method} ${path.replace(/\d+$/, '')} ${status}`)),
  ]).toEqual([`PUT /api/v4${PROJECT}/issues/ 200`]);
  for (const iid of ISSUES) expect((await stage.labels(iid)).length, `the columns of issue ${iid}`).toBe(1);
});

test('a dry run sends nothing that changes anything, and decides what a real one does', {
  timeout: PATIENCE,
}, async () => {
  const decided: Record<string, string | undefined>[] = [];
  for (const dryRun of [true, false]) {
    if (!dryRun) await Promise.all([stage.close(), relay.close()]);
    await set({ dryRun });
    const random = seeded(SEED);
    let first: Record<string, string | undefined> | undefined;
    await soak(random, async () => {
      await relay.release(random, FAIR);
      await stage.quiet();
      if (first) return;
      // Later the two worlds differ, because in one of them the issues have moved.
      first = {};
      for (const iid of ISSUES) {
        const [column] = await stage.labels(iid);
        first[iid] = dryRun ? await stage.verdict(iid) : `moves to ${column}`;
      }
    });
    decided.push(first ?? {});
    const writes = mutating(await stage.sent());
    if (dryRun) expect(writes).toEqual([]);
    else expect(writes.length).toBeGreaterThan(5);
  }
  expect(decided[0]).toEqual(decided[1]);
});
