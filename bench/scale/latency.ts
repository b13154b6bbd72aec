import { explainKey } from '../../src/engine/explain.ts';
import { appendJournal, readJournal } from '../../src/engine/journal/journal.ts';
import { DEFAULT_PACE } from '../../src/engine/work/back-off.ts';
import { claimWork, finishWork, nextDue, signalWork } from '../../src/engine/work/work-store.ts';
import type { Database } from '../../src/storage/database.ts';

/** Milliseconds: the middle and the slow end. */
export interface Latency {
  p50: number;
  p99: number;
}

const TIMES = 200;

/** What people wait for, and what each event costs, at the present number of rows. */
export async function measureLatency(database: Database, rows: number): Promise<Record<string, Latency>> {
  const { query, engine } = database;
  const random = (n: number) => 1 + ((n * 7919) % Math.max(1, Math.floor(rows / 10) - 1));
  const keyOf = (n: number) => `merge-request:acme/p${(random(n) * 10) % 97}!${random(n)}`;
  const pace = DEFAULT_PACE;
  let now = Date.now();
  const cases: Record<string, (n: number) => Promise<unknown>> = {
    'explain a key': n => explainKey(query, keyOf(n)),
    'newest page of the journal': () => readJournal(query, { limit: 100 }),
    'a page in the middle': () => readJournal(query, { before: Math.floor(rows / 2), limit: 100 }),
    'the journal of a key': n => readJournal(query, { key: keyOf(n), limit: 100 }),
    'the journal of a kind': () => readJournal(query, { kind: 'effect', limit: 100 }),
    'write the journal': n =>
      database.transaction(transaction =>
        appendJournal(transaction, [{ at: now, kind: 'signal', key: keyOf(n), data: { n } }], engine),
      ),
    'make a key due, take it, end it': async n => {
      const signals = [{ key: keyOf(n), reason: 'r', chain: null, urgent: true }];
      now += 1000;
      await database.transaction(each => signalWork(each, signals, { pace, now, engine }));
      const claims = await claimWork(database, { owner: 'bench', limit: 8, pace, now });
      for (const { key } of claims) await database.transaction(each => finishWork(each, { key, owner: 'bench', now }));
      await nextDue(query);
    },
  };
  const measured: Record<string, Latency> = {};
  for (const [name, run] of Object.entries(cases)) {
    for (let n = 0; n < 20; n++) await run(n);
    const times: number[] = [];
    for (let n = 0; n < TIMES; n++) {
      const began = performance.now();
      await run(n);
      times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    measured[name] = { p50: times[TIMES / 2]!, p99: times[Math.floor(TIMES * 0.99)]! };
  }
  return measured;
}
