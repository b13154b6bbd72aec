import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Automation } from '../../src/engine/automation.ts';
import { createDocuments } from '../../src/engine/documents/documents.ts';
import { verifyJournal } from '../../src/engine/journal/journal.ts';
import { DEFAULT_PACE } from '../../src/engine/work/back-off.ts';
import { claimWork, failWork, finishWork, signalWork } from '../../src/engine/work/work-store.ts';
import { Worker } from '../../src/engine/work/worker.ts';
import type { Database } from '../../src/storage/database.ts';
import { openPostgres } from '../../src/storage/postgres/open-postgres.ts';
import { createDatabase, type PostgresDatabase } from '../support/postgres.ts';

const HANDLES = 6;
const pace = DEFAULT_PACE;
let place: PostgresDatabase;
/** Each as another process would have it. */
let handles: Database[];
beforeEach(async () => {
  place = await createDatabase(process.env['SIGNALBOX_TEST_POSTGRES'] ?? '');
  handles = await Promise.all(Array.from({ length: HANDLES }, () => openPostgres(place.url)));
});
afterEach(async () => {
  for (const handle of handles) await handle.close();
  await place.drop();
});

const signal = (database: Database, keys: readonly string[], reason: string, now: number, urgent = false) =>
  database.transaction(transaction =>
    signalWork(
      transaction,
      keys.map(key => ({ key, reason, chain: null, urgent })),
      { pace, now, engine: 'postgres' },
    ),
  );
const workRows = () => handles[0]!.query.selectFrom('work').selectAll().orderBy('key').execute();

it('loses no signal of many that make the same new keys due, in whatever order they name them', async () => {
  const keys = Array.from({ length: 20 }, (_, n) => `a:${n}`);
  await Promise.all(
    handles.map((handle, n) => signal(handle, n % 2 ? keys : keys.toReversed(), `from ${n}`, 1000 + n)),
  );
  const rows = await workRows();
  expect(rows).toHaveLength(20);
  for (const row of rows) {
    expect((JSON.parse(row.reasons) as string[]).toSorted()).toEqual(handles.map((_, n) => `from ${n}`));
    expect(row.due_at).toBe(1000 + pace.settle);
  }
});

it('gives each key to one of many, also while keys are made due again and looks end', async () => {
  const keys = Array.from({ length: 60 }, (_, n) => `a:${n}`);
  await signal(handles[0]!, keys, 'first', 0);
  const holders = new Map<string, string>();
  let looks = 0;
  const now = 10_000;
  await Promise.all(
    handles.map(async (handle, n) => {
      const owner = `owner ${n}`;
      for (;;) {
        const claims = await claimWork(handle, { owner, limit: 4, pace, now });
        if (claims.length === 0) return;
        for (const claim of claims) {
          expect(holders.get(claim.key)).toBeUndefined();
          holders.set(claim.key, owner);
          looks++;
          // Every third key is signalled while it is looked at, by somebody else, and once only.
          const again = Number(claim.key.slice(2)) % 3 === 0 && claim.reasons.includes('first');
          const other = handles[(n + 1) % HANDLES]!;
          if (again) await signal(other, [claim.key], 'again', now, true);
          holders.delete(claim.key);
          const held = await handle.transaction(transaction =>
            looks % 5 === 0 && !again
              ? failWork(transaction, {
                  claim,
                  owner,
                  now,
                  dueAt: now + 1000,
                  attempts: 1,
                  error: { code: 'c', detail: 'd' },
                  engine: 'postgres',
                })
              : finishWork(transaction, { key: claim.key, owner, now }),
          );
          expect(held).toBe(true);
        }
      }
    }),
  );
  const rows = await workRows();
  expect(rows.every(row => row.owner === null)).toBe(true);
  // Nothing that was signalled during a look is forgotten.
  const open = rows.filter(row => row.due_at !== null);
  for (const row of open) expect(row.due_at).toBe(now + 1000);
  expect(looks).toBe(60 + 20);
});

it('looks at what looks again by itself once each time, however many are there to do it', async () => {
  const ROUNDS = 25;
  let inside = 0;
  let together = 0;
  let looks = 0;
  const automation: Automation = {
    name: 'schedule',
    kind: 'schedule',
    standing: true,
    gather: async () => {
      inside++;
      looks++;
      together = Math.max(together, inside);
      await pause(10);
      inside--;
      return {};
    },
    decide: (_facts, memory, now) => {
      const round = Number(memory ?? 0) + 1;
      const again = round < ROUNDS ? { lookAgainAt: now + 20 } : {};
      return { verdict: `round ${round}`, because: [], actions: [], memory: round, ...again };
    },
    effect: () => {
      throw new Error('nothing is planned');
    },
  };
  const quiet = () => undefined;
  const workers = handles.map(
    (handle, n) =>
      new Worker({
        database: handle,
        automations: [automation],
        pace,
        dryRun: false,
        concurrency: 4,
        now: Date.now,
        log: { info: quiet, warn: quiet, error: quiet },
        owner: `owner ${n}`,
      }),
  );
  for (const [n, worker] of workers.entries()) {
    worker.start();
    handles[n]!.listen(() => worker.wake());
  }
  // All of them reach for it all the time.
  const waking = setInterval(() => {
    for (const worker of workers) worker.wake();
  }, 5);
  await signal(handles[0]!, ['schedule:weekly'], 'begin', Date.now(), true);
  const memory = async () =>
    (await handles[0]!.query.selectFrom('records').select('memory').executeTakeFirst())?.memory;
  await expect.poll(memory, { timeout: 25_000 }).toBe(String(ROUNDS));
  clearInterval(waking);
  for (const worker of workers) await worker.stop(1000);
  expect([looks, together]).toEqual([ROUNDS, 1]);
});

it('counts every change of a document that all change at once, and creates it once', async () => {
  const many = handles.map(database => createDocuments({ database, pace, now: Date.now, wake: () => undefined }));
  const created = await Promise.all(
    many.map(documents => documents.submit({ changes: [{ kind: 'k', id: 'new', body: 1, replaces: 0 }] })),
  );
  expect(created.filter(Boolean)).toHaveLength(1);
  const add = (documents: (typeof many)[number]) =>
    documents.change<number>('k', 'counter', current => ({
      body: (current ?? 0) + 1,
      signals: [{ key: 'a:1', reason: 'counted' }],
      journal: [{ kind: 'operator', key: 'a:1', data: {} }],
    }));
  await Promise.all(many.flatMap(documents => [add(documents), add(documents)]));
  expect((await many[0]!.read('k', 'counter'))?.body).toBe(2 * HANDLES);
  expect(await verifyJournal(handles[0]!.query)).toMatchObject({ ok: true, rows: 2 * HANDLES });
});
