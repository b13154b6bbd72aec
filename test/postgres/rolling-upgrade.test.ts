import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterEach, expect, it, vi } from 'vitest';
import { verifyJournal } from '../../src/engine/journal/journal.ts';
import type { Database } from '../../src/storage/database.ts';
import { MIGRATIONS } from '../../src/storage/migrate.ts';
import { eventually, setFault } from '../support/sandbox-client.ts';
import { type Earlier, layEarlierProgram } from './earlier-program.ts';
import { setProcessStage } from './process-stage.ts';

vi.setConfig({ testTimeout: 240_000 });

/** The newest program on our main line that knew one migration less than the first one after PostgreSQL came in. */
const EARLIER: Earlier = { commit: '76d76d5549e8059ff78e54c8acf74c33e3634a1c', schema: '0003-intake' };

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of closing.splice(0).toReversed()) await end();
});

const executed = async ({ query }: Database): Promise<string[]> => {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(query);
  return rows.map(({ name }) => name);
};

it('replaces an earlier program by this one, process by process under load: nothing lost, nothing twice', async () => {
  const place = await mkdtemp(join(tmpdir(), 'signalbox-earlier-'));
  closing.push(() => rm(place, { recursive: true, force: true }));
  const earlier = await layEarlierProgram(EARLIER, join(place, 'program'));
  if (earlier === null) {
    console.warn(`NOT RUN: ${EARLIER.commit} is not in this clone (a shallow one?); no two versions ran side by side.`);
    return;
  }
  const stage = await setProcessStage(process.env['SIGNALBOX_TEST_POSTGRES'] ?? '', 2, one => one.serve({}, earlier));
  closing.push(stage.close);
  const { database, installations, processes, heldBy, openMismatch, openWork, threadsOf } = stage;
  const [first, second] = installations;
  expect((await executed(database)).at(-1)).toBe(EARLIER.schema);
  // Looks that last, so that each process is in the middle of some, whenever it is killed.
  const slow = { match: { method: 'GET', path: '/merge_requests/\\d+$' }, times: 1000, fault: { delay_ms: 300 } };
  await setFault(stage.sandbox.gitlab.url, slow);

  const iids: number[] = [];
  let isOver = false;
  const load = (async () => {
    while (!isOver) {
      iids.push(await openMismatch(`feature/load-${iids.length}`));
      await sleep(200);
    }
  })();
  closing.push(() => {
    isOver = true;
    return load;
  });
  const moreOf = async (count: number) => {
    const goal = iids.length + count;
    await eventually('the load goes on', async () => iids.length >= goal);
  };
  await moreOf(3);

  // One of the earlier ones is killed in the middle of looks; this program comes up in its place, and brings the schema on.
  await eventually('the first process looks at merge requests', async () => (await heldBy(first!)).length > 0);
  processes[0]!.child.kill('SIGKILL');
  await processes[0]!.ended;
  await moreOf(3);
  processes[0] = await first!.serve();
  expect(await executed(database)).toEqual(Object.keys(MIGRATIONS));
  expect(Object.keys(MIGRATIONS).at(-1)).not.toBe(EARLIER.schema);

  // Side by side: the other earlier one goes on, also when it has to start upon the newer schema.
  await eventually('both look at merge requests', async () => {
    const held = await Promise.all([heldBy(first!), heldBy(second!)]);
    return held.every(keys => keys.length > 0);
  });
  processes[1]!.child.kill('SIGKILL');
  await processes[1]!.ended;
  processes[1] = await second!.serve({}, earlier);
  await eventually('the earlier one looks at merge requests', async () => (await heldBy(second!)).length > 0);
  await moreOf(3);
  await processes[1].stop();
  processes[1] = await second!.serve();
  await moreOf(3);
  isOver = true;
  await load;

  await eventually('each has its thread', async () => {
    for (const iid of iids) if ((await threadsOf(iid)) === 0) return false;
    return (await openWork()) === 0;
  });
  for (const iid of iids) expect([iid, await threadsOf(iid)]).toEqual([iid, 1]);
  expect(await verifyJournal(database.query)).toMatchObject({ ok: true });
  const aside = await database.query.selectFrom('work').select('key').where('dead_at', 'is not', null).execute();
  expect(aside).toEqual([]);
});
