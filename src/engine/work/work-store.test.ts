import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryDatabase } from '../testing.ts';
import { backOffDelay, DEFAULT_PACE, earliestLook, nextBurst } from './back-off.ts';
import { ClockWatch } from './clock-watch.ts';
import { releaseLeases, renewLeases } from './leases.ts';
import { claimWork, failWork, finishWork, nextDue, pullBack, type SignalToStore, signalWork } from './work-store.ts';

const pace = DEFAULT_PACE;
const START = 1_000_000;
let place: Awaited<ReturnType<typeof temporaryDatabase>>;
beforeEach(async () => {
  place = await temporaryDatabase();
});
afterEach(() => place.remove());

const signal = (now: number, ...signals: (Partial<SignalToStore> & { key: string })[]) =>
  place.database.transaction(transaction =>
    signalWork(
      transaction,
      signals.map(each => ({ reason: 'r', chain: null, ...each })),
      { pace, now, engine: place.database.engine },
    ),
  );
const claim = (now: number, owner = 'A', limit = 10) => claimWork(place.database, { owner, limit, pace, now });
const finish = (key: string, now: number, owner = 'A', lookAgainAt?: number) =>
  place.database.transaction(transaction => finishWork(transaction, { key, owner, now, lookAgainAt }));
const rowOf = (key: string) =>
  place.database.query.selectFrom('work').selectAll().where('key', '=', key).executeTakeFirstOrThrow();
const SETTLED = START + pace.settle;

describe('signals', () => {
  it('for one key become one look, with the newest ten reasons and the newest chain', async () => {
    for (let n = 0; n < 15; n++) await signal(START + n, { key: 'a:1', reason: `r${n}`, chain: `c${n}` });
    await signal(START + 20, { key: 'a:1', reason: 'resync' }, { key: 'a:1', reason: 'resync' });
    const claims = await claim(SETTLED + 20);
    expect(claims).toHaveLength(1);
    expect(claims[0]?.reasons).toEqual([...Array.from({ length: 9 }, (_, n) => `r${n + 6}`), 'resync']);
    expect(claims[0]?.chain).toBe('c14');
  });

  it('never push a look that is due further away', async () => {
    await signal(START, { key: 'a:1' });
    await signal(START + 100, { key: 'a:1' });
    await signal(START + 150, { key: 'a:1', dueAt: START + 60_000 });
    expect(Number((await rowOf('a:1')).due_at)).toBe(SETTLED);
  });

  it('of one transaction ask for the earliest of their times', async () => {
    await signal(START, { key: 'a:1', dueAt: START + 60_000 }, { key: 'a:1' });
    expect(Number((await rowOf('a:1')).due_at)).toBe(SETTLED);
  });

  it('are not spaced out when somebody waits', async () => {
    let now = START;
    for (let n = 0; n < 5; n++) {
      await signal(now, { key: 'a:1', urgent: true });
      expect(await claim(now)).toHaveLength(1);
      now += 10;
      await finish('a:1', now);
    }
    await signal(now, { key: 'a:1' });
    expect(Number((await rowOf('a:1')).due_at)).toBeGreaterThan(now + pace.settle);
  });

  it('that come during a look make the key due again, and only then', async () => {
    await signal(START, { key: 'a:1', reason: 'one' });
    await claim(SETTLED);
    await signal(SETTLED + 10, { key: 'a:1', reason: 'two' });
    expect(await claim(SETTLED + 5_000)).toEqual([]);
    expect(await finish('a:1', SETTLED + 5_000)).toBe(true);
    expect(await claim(SETTLED + 5_000)).toMatchObject([{ key: 'a:1', reasons: ['two'] }]);
  });

  it('without any during the look, leave the key at rest', async () => {
    await signal(START, { key: 'a:1' });
    await claim(SETTLED);
    await finish('a:1', SETTLED + 1);
    expect(await nextDue(place.database.query)).toBeNull();
    expect(await claim(SETTLED + 3_600_000)).toEqual([]);
  });
});

describe('claims', () => {
  it('are not due before their time', async () => {
    await signal(START, { key: 'a:1' });
    expect(await claim(SETTLED - 1)).toEqual([]);
    expect(await nextDue(place.database.query)).toBe(SETTLED);
    expect(await claim(SETTLED)).toHaveLength(1);
  });

  it('take the longest due first, and no more than asked for', async () => {
    for (const [key, at] of [['a:late', 30] as const, ['a:first', 10] as const, ['a:second', 20] as const])
      await signal(START + at, { key });
    expect((await claim(START + 60_000, 'A', 2)).map(({ key }) => key)).toEqual(['a:first', 'a:second']);
    expect((await claim(START + 60_000, 'A', 2)).map(({ key }) => key)).toEqual(['a:late']);
  });

  it('at the same time share the keys without one of them twice', async () => {
    await signal(START, ...Array.from({ length: 40 }, (_, n) => ({ key: `a:${n}` })));
    const claims = await Promise.all(['A', 'B', 'C', 'D'].map(owner => claim(SETTLED, owner, 15)));
    const keys = claims.flat().map(({ key }) => key);
    expect(new Set(keys).size).toBe(40);
    expect(keys).toHaveLength(40);
  });
});

describe('a lease', () => {
  it('that ran out is taken over, and whoever lost it can record nothing', async () => {
    await signal(START, { key: 'a:1' });
    const [lost] = await claim(SETTLED, 'A');
    expect(await claim(SETTLED + pace.lease, 'B')).toEqual([]);
    const taken = await claim(SETTLED + pace.lease + 1, 'B');
    expect(taken).toMatchObject([{ key: 'a:1', reasons: ['an earlier look was cut off'] }]);
    expect(await finish('a:1', SETTLED + pace.lease + 2, 'A')).toBe(false);
    const failure = {
      claim: lost!,
      owner: 'A',
      now: START,
      dueAt: null,
      attempts: 9,
      error: { code: 'c', detail: 'd' },
      engine: place.database.engine,
    };
    expect(await place.database.transaction(transaction => failWork(transaction, failure))).toBe(false);
    expect(await rowOf('a:1')).toMatchObject({ owner: 'B', error: null, attempts: 0, dead_at: null });
  });

  it('that ran out is taken over before what is due, however much that is', async () => {
    await signal(START, { key: 'a:1' });
    await claim(SETTLED, 'A');
    await signal(START, ...Array.from({ length: 20 }, (_, n) => ({ key: `b:${n}` })));
    const taken = await claim(SETTLED + pace.lease + 1, 'B', 4);
    expect(taken).toHaveLength(4);
    expect(taken[0]).toMatchObject({ key: 'a:1' });
  });

  it('is kept by renewing it, by its owner only', async () => {
    await signal(START, { key: 'a:1' });
    await claim(SETTLED, 'A');
    await renewLeases(place.database, 'B', ['a:1'], SETTLED + 999_999);
    expect(Number((await rowOf('a:1')).lease_until)).toBe(SETTLED + pace.lease);
    await renewLeases(place.database, 'A', ['a:1'], SETTLED + 2 * pace.lease);
    expect(await claim(SETTLED + 2 * pace.lease, 'B')).toEqual([]);
  });

  it('that ran out is not taken by a process that is still looking, having stood still, and by it again when it is not', async () => {
    await signal(START, { key: 'a:1' });
    await claim(SETTLED, 'A');
    const options = { owner: 'A', limit: 10, pace, now: SETTLED + 2 * pace.lease };
    expect(await claimWork(place.database, { ...options, busy: ['a:1'] })).toEqual([]);
    // Nor is it waited for: it would be overdue all the time.
    expect(await nextDue(place.database.query, { busy: ['a:1'] })).toBeNull();
    expect(await nextDue(place.database.query, { busy: ['a:2'] })).toBe(SETTLED + pace.lease);
    expect(await claimWork(place.database, { ...options, busy: ['a:2'] })).toMatchObject([{ key: 'a:1' }]);
  });

  it('that is over by an answer that was lost is not given to whoever still looks', async () => {
    await signal(START, { key: 'a:1' });
    await claim(SETTLED, 'A');
    await finish('a:1', SETTLED);
    await signal(SETTLED, { key: 'a:1' });
    const options = { owner: 'A', limit: 10, pace, now: SETTLED + 3_600_000 };
    expect(await claimWork(place.database, { ...options, busy: ['a:1'] })).toEqual([]);
    expect(await claimWork(place.database, options)).toHaveLength(1);
  });

  it('of a process that is gone is given back at start', async () => {
    await signal(START, { key: 'a:1' }, { key: 'a:2' });
    await claim(SETTLED, 'here gone', 1);
    expect(await releaseLeases(place.database, { ours: 'here', now: SETTLED + 1 })).toBe(1);
    expect((await claim(SETTLED + 1, 'new')).map(({ key }) => key).sort()).toEqual(['a:1', 'a:2']);
  });
});

describe('a look that failed', () => {
  const fail = async (now: number, dueAt: number | null, attempts: number) => {
    const [taken] = await claim(now);
    const error = { code: 'SBX_INTERNAL', detail: 'why' };
    return {
      taken,
      run: () =>
        place.database.transaction(transaction =>
          failWork(transaction, {
            claim: taken!,
            owner: 'A',
            now,
            dueAt,
            attempts,
            error,
            engine: place.database.engine,
          }),
        ),
    };
  };

  it('comes back at its time with its reasons, its chain and what went wrong', async () => {
    await signal(START, { key: 'a:1', reason: 'one', chain: 'c' });
    const { run } = await fail(SETTLED, SETTLED + 500, 1);
    await signal(SETTLED + 1, { key: 'a:1', reason: 'two' });
    expect(await run()).toBe(true);
    expect(JSON.parse((await rowOf('a:1')).error!)).toEqual({ code: 'SBX_INTERNAL', detail: 'why', at: SETTLED });
    expect(await claim(SETTLED + 499)).toEqual([]);
    expect(await claim(SETTLED + 500)).toMatchObject([{ reasons: ['one', 'two'], chain: 'c', attempts: 1 }]);
  });

  it('for the last time is laid aside until a signal gives it all its tries again', async () => {
    await signal(START, { key: 'a:1', reason: 'one' });
    await (await fail(SETTLED, null, 10)).run();
    expect(await claim(SETTLED + 3_600_000)).toEqual([]);
    expect(await rowOf('a:1')).toMatchObject({ attempts: 10, dead_at: SETTLED, due_at: null });
    await signal(SETTLED + 10, { key: 'a:1', reason: 'two' });
    expect(await claim(SETTLED + 60_000)).toMatchObject([{ attempts: 0, reasons: ['one', 'two'] }]);
    expect((await rowOf('a:1')).dead_at).toBeNull();
  });

  it('for the last time is not laid aside when a signal came during it', async () => {
    await signal(START, { key: 'a:1', reason: 'one' });
    const { run } = await fail(SETTLED, null, 10);
    await signal(SETTLED + 1, { key: 'a:1', reason: 'the cause was removed' });
    await run();
    expect(await claim(SETTLED + 60_000)).toMatchObject([{ attempts: 0, reasons: ['one', 'the cause was removed'] }]);
  });
});

describe('the pace', () => {
  it('wants to look again when the decision said so, or earlier when a signal asks', async () => {
    await signal(START, { key: 'a:1' });
    await claim(SETTLED);
    await finish('a:1', SETTLED, 'A', SETTLED + 600_000);
    expect(await nextDue(place.database.query)).toBe(SETTLED + 600_000);
    await signal(SETTLED + 100_000, { key: 'a:1' });
    expect(await nextDue(place.database.query)).toBe(SETTLED + 100_000 + pace.settle);
  });

  it('spaces the looks of a burst further and further, up to a bound, and begins anew after a rest', () => {
    const waits = [1, 2, 3, 4, 5, 6, 20].map(
      burst => earliestLook(pace, { lastStartedAt: START, burst }, START) - START,
    );
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(nextBurst(pace, { lastStartedAt: START, burst: 2 }, START + 8_000)).toBe(3);
    expect(nextBurst(pace, { lastStartedAt: START, burst: 2 }, START + 8_001)).toBe(1);
  });

  it('lets 100 signals in five seconds lead to at most three looks', async () => {
    let looks = 0;
    for (let at = START; at <= START + 5_000; at += 50) {
      await signal(at, { key: 'a:1' });
      for (const { key } of await claim(at)) {
        looks++;
        await finish(key, at);
      }
    }
    expect(looks).toBeGreaterThanOrEqual(2);
    expect(looks).toBeLessThanOrEqual(3);
    expect((await rowOf('a:1')).due_at).not.toBeNull();
  });

  it('doubles the wait after a failure, with jitter, up to a bound', () => {
    expect([1, 2, 3, 20].map(failures => backOffDelay(pace, failures, () => 1))).toEqual([
      1_000, 2_000, 4_000, 300_000,
    ]);
    expect(backOffDelay(pace, 3, () => 0)).toBe(2_000);
  });
});

describe('a clock that is set back', () => {
  const HOUR = 3_600_000;

  it('lets what is due later wait for the time that it had to wait, and nothing longer', async () => {
    await signal(START, { key: 'a:soon' }, { key: 'a:later', dueAt: START + 600_000 });
    await signal(START, { key: 'a:due', urgent: true });
    const now = START - HOUR;
    await pullBack(place.database.query, HOUR, now);
    const due = async (key: string) => Number((await rowOf(key)).due_at) - now;
    expect([await due('a:due'), await due('a:soon'), await due('a:later')]).toEqual([0, pace.settle, 600_000]);
    // A second process that has noticed it, too.
    await pullBack(place.database.query, HOUR, now);
    expect([await due('a:soon'), await due('a:later')]).toEqual([0, 0]);
  });

  it('spaces nothing by a look that began in the future', () => {
    expect(earliestLook(pace, { lastStartedAt: START + HOUR, burst: 5 }, START)).toBe(START + pace.settle);
  });

  it('is noticed once, whichever way it was set, and is told from one that runs', () => {
    let ahead = 0;
    const watch = new ClockWatch(() => performance.now() + ahead);
    expect(watch.jump()).toBe(0);
    for (const jump of [24 * HOUR, -HOUR]) {
      ahead += jump;
      expect(Math.abs(watch.jump() - jump)).toBeLessThan(5_000);
      expect(watch.jump()).toBe(0);
    }
    ahead -= 5_000;
    expect(watch.jump()).toBe(0);
  });
});
