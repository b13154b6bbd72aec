import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SignalboxError } from '../../errors.ts';
import type { Automation } from '../automation.ts';
import { performEffect } from '../effects/perform.ts';
import { readJournal } from '../journal/journal.ts';
import { QUICK_PACE, type TemporaryDatabase, temporaryDatabase } from '../testing.ts';
import { renewLeases } from './leases.ts';
import { lookAtKey } from './look-at-key.ts';
import { claimWork, signalWork } from './work-store.ts';
import { Worker } from './worker.ts';

const KEY = 'thing:1';
const PACE = { ...QUICK_PACE, lease: 300 };
let place: TemporaryDatabase;
beforeEach(async () => {
  place = await temporaryDatabase();
});
afterEach(() => place.remove());

const due = (now: number) =>
  place.database.transaction(transaction =>
    signalWork(transaction, [{ key: KEY, reason: 'r', chain: null, urgent: true }], {
      pace: PACE,
      now,
      engine: place.database.engine,
    }),
  );
const claim = (owner: string, now: number) => claimWork(place.database, { owner, limit: 1, pace: PACE, now });

/** The key is held by B, and A, which had it before, does not know that yet. */
async function takenOver(): Promise<void> {
  await due(1000);
  expect(await claim('A', 1000)).toHaveLength(1);
  expect(await claim('B', 1000 + PACE.lease + 1)).toHaveLength(1);
}

const journal = async () => (await readJournal(place.database.query)).map(row => row.kind);

it('lets an owner whose key was taken over do nothing and record nothing', async () => {
  await takenOver();
  let done = 0;
  const effect = { name: 'act', summary: 'do the thing', do: async () => ++done };
  const context = { database: place.database, key: KEY, automation: 'things', grace: 50, now: () => 2000 };
  const perform = (owner: string) => performEffect(effect, { ...context, owner, wait: async () => undefined });
  await expect(perform('A')).rejects.toMatchObject({ code: 'SBX_LEASE_LOST' });
  expect([done, await journal()]).toEqual([0, []]);
  expect(await place.database.query.selectFrom('effects').selectAll().execute()).toEqual([]);
  expect(await perform('B')).toMatchObject({ outcome: 'done' });
  expect([done, await journal()]).toEqual([1, ['effect']]);
});

it('does nothing after it has stood still between noting that it begins and beginning', async () => {
  await due(1000);
  expect(await claim('A', 1000)).toHaveLength(1);
  let done = 0;
  const effect = { name: 'act', summary: 'do the thing', find: async () => undefined, do: async () => ++done };
  const { database } = place;
  const late: typeof database = {
    ...database,
    transaction: async work => {
      const result = await database.transaction(work);
      await pause(PACE.lease);
      return result;
    },
  };
  const context = { key: KEY, owner: 'A', automation: 'things', grace: 50, lease: PACE.lease, now: () => 2000 };
  const perform = (on: typeof database) =>
    performEffect(effect, { ...context, database: on, wait: async () => undefined });
  await expect(perform(late)).rejects.toMatchObject({ code: 'SBX_EFFECT_UNCERTAIN', retryAt: 2050 });
  expect(done).toBe(0);
  // Noted as begun, so whoever looks next looks for it first.
  await expect(perform(database)).rejects.toMatchObject({ code: 'SBX_EFFECT_UNCERTAIN' });
  expect(done).toBe(0);
});

it('leaves the decision to whoever holds the key', async () => {
  await takenOver();
  const automation = (verdict: string): Automation => ({
    name: 'things',
    kind: 'thing',
    gather: async () => ({}),
    decide: () => ({ verdict, because: [], actions: [] }),
    effect: () => {
      throw new Error('nothing is planned');
    },
  });
  const look = (owner: string) =>
    lookAtKey({
      database: place.database,
      automation: automation(owner),
      key: KEY,
      owner,
      reasons: [],
      chain: null,
      dryRun: false,
      pace: PACE,
      now: () => 2000,
      wait: async () => undefined,
      signal: new AbortController().signal,
    });
  await expect(look('A')).rejects.toMatchObject({ code: 'SBX_LEASE_LOST' });
  await look('B');
  const records = await place.database.query.selectFrom('records').select('verdict').execute();
  expect(records).toEqual([{ verdict: 'B' }]);
});

it('tells which leases are still held, and renews no others', async () => {
  await takenOver();
  expect(await renewLeases(place.database, 'A', [KEY], 9000)).toEqual(new Set());
  expect(await renewLeases(place.database, 'B', [KEY], 9000)).toEqual(new Set([KEY]));
});

function workerOf(automation: Automation, concurrency: number, database = place.database): Worker {
  const quiet = () => undefined;
  return new Worker({
    database,
    automations: [automation],
    pace: PACE,
    dryRun: false,
    concurrency,
    now: Date.now,
    log: { info: quiet, warn: quiet, error: quiet },
    owner: 'A',
  });
}

it('ends a look whose lease was lost, and does not disturb the one that goes on', async () => {
  const began = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<string>();
  const automation: Automation = {
    name: 'things',
    kind: 'thing',
    gather: look => {
      began.resolve();
      return new Promise((_resolve, reject) => {
        look.signal.addEventListener('abort', () => {
          ended.resolve((look.signal.reason as { code: string }).code);
          reject(look.signal.reason as Error);
        });
      });
    },
    decide: () => ({ verdict: '', because: [], actions: [] }),
    effect: () => {
      throw new Error('nothing is planned');
    },
  };
  const worker = workerOf(automation, 2);
  await due(Date.now());
  worker.start();
  await began.promise;
  const taken = { owner: 'B', lease_until: Date.now() + 60_000 };
  await place.database.query.updateTable('work').set(taken).where('key', '=', KEY).execute();
  expect(await ended.promise).toBe('SBX_LEASE_LOST');
  await worker.stop(0);
  const [row] = await place.database.query.selectFrom('work').selectAll().execute();
  expect(row).toMatchObject({ owner: 'B', error: null, attempts: 0, due_at: null });
  expect(await journal()).toEqual([]);
});

it('leaves a look alone that began while the lease of the one before it was renewed in vain', async () => {
  const { database } = place;
  const looks: { signal: AbortSignal; end: () => void }[] = [];
  const automation: Automation = {
    name: 'things',
    kind: 'thing',
    gather: ({ signal }) => new Promise(resolve => looks.push({ signal, end: () => resolve({}) })),
    decide: () => ({ verdict: '', because: [], actions: [] }),
    effect: () => {
      throw new Error('nothing is planned');
    },
  };
  const isFree = async () =>
    (await database.query.selectFrom('work').select('owner').executeTakeFirst())?.owner === null;
  const renewed = Promise.withResolvers<void>();
  let renewals = 0;
  const slow: typeof database = {
    ...database,
    transaction: async work => {
      // With its only hand full the worker asks for nothing but renewal.
      const isRenewal = looks.length === 1 && !looks[0]!.signal.aborted && renewals === 0;
      if (!isRenewal) return database.transaction(work);
      renewals++;
      looks[0]!.end();
      await expect.poll(isFree).toBe(true);
      const result = await database.transaction(work);
      await due(Date.now());
      worker.wake();
      await expect.poll(() => looks.length).toBe(2);
      setImmediate(renewed.resolve);
      return result;
    },
  };
  const worker = workerOf(automation, 1, slow);
  await due(Date.now());
  worker.start();
  await renewed.promise;
  expect(looks.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  looks[1]!.end();
  await worker.stop(0);
});

it('looks again at a key, when its lease is over, of which neither the end nor the failure could be recorded', async () => {
  const { database } = place;
  let looks = 0;
  let away = false;
  const automation: Automation = {
    name: 'things',
    kind: 'thing',
    gather: async () => {
      looks++;
      away = looks === 1;
      return {};
    },
    decide: () => ({ verdict: '', because: [], actions: [] }),
    effect: () => {
      throw new Error('nothing is planned');
    },
  };
  let refused = 0;
  const full: typeof database = {
    ...database,
    transaction: work => {
      if (!away) return database.transaction(work);
      // The decision, and that it could not be recorded.
      away = ++refused < 2;
      return Promise.reject(new SignalboxError('SBX_DATABASE_FULL', 'no space left'));
    },
  };
  const worker = workerOf(automation, 1, full);
  await due(Date.now());
  worker.start();
  await expect.poll(() => looks).toBe(2);
  await worker.stop(1000);
  const [row] = await database.query.selectFrom('work').selectAll().execute();
  expect(row).toMatchObject({ owner: null, error: null });
});

it('does not hold it against a key that its lease could not be renewed in time', async () => {
  const looks: number[] = [];
  const automation: Automation = {
    name: 'things',
    kind: 'thing',
    gather: async look => {
      looks.push(look.now());
      throw new SignalboxError('SBX_LEASE_LOST', look.key);
    },
    decide: () => ({ verdict: '', because: [], actions: [] }),
    effect: () => {
      throw new Error('nothing is planned');
    },
  };
  const worker = workerOf(automation, 1);
  await due(Date.now());
  worker.start();
  await expect.poll(() => looks.length).toBeGreaterThan(PACE.attempts);
  await worker.stop(0);
  const [row] = await place.database.query.selectFrom('work').selectAll().execute();
  expect(row).toMatchObject({ attempts: 0, dead_at: null });
});

it('renews leases while somebody who holds one of the keys waits for another', async () => {
  const { database } = place;
  const keys = ['thing:1', 'thing:2', 'thing:3', 'thing:4'];
  await database.transaction(transaction =>
    signalWork(
      transaction,
      keys.map(key => ({ key, reason: 'r', chain: null, urgent: true })),
      { pace: PACE, now: 1000, engine: database.engine },
    ),
  );
  await claimWork(database, { owner: 'A', limit: 4, pace: PACE, now: 1000 });
  // A look that ends with the last of them and makes the first one due, while all four are renewed.
  let renewed: Promise<Set<string>> | undefined;
  const touch = (transaction: Parameters<Parameters<typeof database.transaction>[0]>[0], key: string) =>
    transaction.updateTable('work').set({ chain: 'c' }).where('key', '=', key).execute();
  await database.transaction(async transaction => {
    await touch(transaction, 'thing:4');
    renewed ??= renewLeases(database, 'A', keys, 5000);
    renewed.catch(() => undefined);
    await pause(300);
    await touch(transaction, 'thing:1');
  });
  expect((await renewed)?.size).toBe(4);
});
