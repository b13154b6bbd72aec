import { afterEach, beforeEach, expect, it } from 'vitest';
import { SignalboxError } from '../../errors.ts';
import type { Effect } from '../automation.ts';
import { readJournal } from '../journal/journal.ts';
import { temporaryDatabase } from '../testing.ts';
import { performEffect } from './perform.ts';

const KEY = 'merge-request:acme/appliance!1';
let place: Awaited<ReturnType<typeof temporaryDatabase>>;
let clock: number;
beforeEach(async () => {
  place = await temporaryDatabase();
  clock = 1_000_000;
});
afterEach(() => place.remove());

/** The other side: what was created there, and how it answers. */
function outside(
  options: { answers?: ('ok' | 'lost' | 'lost before' | 'refused')[]; visibleAfterLooks?: number } = {},
) {
  const answers = [...(options.answers ?? [])];
  const seen = { created: 0, looks: 0 };
  const effect: Effect = {
    name: 'thread',
    summary: 'open a thread',
    find: async () => {
      seen.looks++;
      return seen.created > 0 && seen.looks > (options.visibleAfterLooks ?? 0) ? { id: 7 } : undefined;
    },
    do: async () => {
      const answer = answers.shift() ?? 'ok';
      if (answer === 'refused') throw new SignalboxError('SBX_REMOTE_REFUSED', '403');
      if (answer !== 'lost before') seen.created++;
      if (answer !== 'ok') throw new SignalboxError('SBX_REMOTE_UNCERTAIN', 'reset');
      return { id: 7 };
    },
  };
  return { effect, seen };
}

const perform = (effect: Effect) =>
  performEffect(effect, {
    database: place.database,
    key: KEY,
    automation: 'version-check',
    grace: 10_000,
    now: () => clock,
    wait: async milliseconds => {
      clock += milliseconds;
    },
  });
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: SignalboxError) => error.code,
  );
const state = async () => (await place.database.query.selectFrom('effects').selectAll().executeTakeFirst())?.state;
const outcomes = async () =>
  (await readJournal(place.database.query, { kind: 'effect' })).map(row => (row.data as { outcome: string }).outcome);

it('does it once and writes it down, without looking first', async () => {
  const { effect, seen } = outside();
  expect(await perform(effect)).toEqual({ name: 'thread', outcome: 'done', ref: { id: 7 } });
  expect(seen).toEqual({ created: 1, looks: 0 });
  expect(await state()).toBe('done');
  expect(await outcomes()).toEqual(['done']);
});

it('finds after a crash what the process before it did, and does not do it again', async () => {
  const { effect, seen } = outside();
  const crashed = perform({
    ...effect,
    do: async () => {
      await effect.do();
      return new Promise(() => undefined);
    },
  });
  void crashed;
  while (seen.created === 0) await new Promise(resolve => setImmediate(resolve));
  expect(await perform(effect)).toEqual({ name: 'thread', outcome: 'found', ref: { id: 7 } });
  expect(seen.created).toBe(1);
  expect(await outcomes()).toEqual(['found']);
});

it('settles an answer that got lost by looking, also when the other side shows it late', async () => {
  const { effect, seen } = outside({ answers: ['lost'], visibleAfterLooks: 2 });
  expect(await perform(effect)).toMatchObject({ outcome: 'found' });
  expect(seen).toEqual({ created: 1, looks: 3 });
});

it('does nothing again within the grace, finds it if it shows, and does it when the grace is over', async () => {
  const { effect, seen } = outside({ answers: ['lost before'] });
  const began = clock;
  const error = await perform(effect).catch((thrown: unknown) => thrown as SignalboxError);
  expect(error).toMatchObject({ code: 'SBX_EFFECT_UNCERTAIN', retryAt: clock + 10_000 });
  expect(await state()).toBe('doing');
  clock = began + 9_999;
  expect(await codeOf(perform(effect))).toBe('SBX_EFFECT_UNCERTAIN');
  expect(seen.created).toBe(0);
  clock = began + 10_000;
  expect(await perform(effect)).toMatchObject({ outcome: 'done' });
  expect(seen.created).toBe(1);
});

it('records a refusal as a failure and may try again at once', async () => {
  const { effect, seen } = outside({ answers: ['refused'] });
  expect(await codeOf(perform(effect))).toBe('SBX_REMOTE_REFUSED');
  expect(await state()).toBe('failed');
  expect(await outcomes()).toEqual(['failed']);
  expect(await perform(effect)).toMatchObject({ outcome: 'done' });
  expect(seen).toEqual({ created: 1, looks: 0 });
});

it('repeats an effect that only sets a state, since there is nothing to look for', async () => {
  const { effect, seen } = outside({ answers: ['lost'] });
  const { find: _none, ...setsState } = effect;
  expect(await codeOf(perform(setsState))).toBe('SBX_REMOTE_UNCERTAIN');
  expect(await perform(setsState)).toMatchObject({ outcome: 'done' });
  expect(seen.created).toBe(2);
});
