import { isUncertain, SignalboxError } from '../../errors.ts';
import type { Database } from '../../storage/database.ts';
import type { Effect } from '../automation.ts';
import { crashPoint } from '../crash-point.ts';
import { appendJournal } from '../journal/journal.ts';
import type { Json } from '../json.ts';
import { type WatchedEffect, watched } from '../watch.ts';
import { assertHeld } from '../work/leases.ts';

export interface PerformContext {
  database: Database;
  key: string;
  /** Who must hold the key's lease for anything to be done or recorded; nobody where there are no leases. */
  owner?: string | undefined;
  /** How long a lease lasts, ms, where there are any. */
  lease?: number | undefined;
  automation: string;
  /** How long an uncertain call may still take effect at the other side, ms. */
  grace: number;
  now: () => number;
  /** Waits; ends early when the service stops. */
  wait: (milliseconds: number) => Promise<void>;
}

export type EffectOutcome = { name: string; outcome: 'done' | 'found'; ref: Json };

/** How often an uncertain call is looked for at once, before the key is laid down until the grace is over. */
const QUICK_LOOKS = [250, 1000, 2000];

/**
 * Does one thing to the outside, once: an earlier try that ended uncertain is looked for first; then it is done; then it
 * is recorded, with nothing in between. An answer that leaves open whether it was done is settled by looking, never by
 * trying again at once.
 *
 * @throws SignalboxError SBX_EFFECT_UNCERTAIN when it stays open whether it was done; look again after `retryAt`
 */
export function performEffect(effect: Effect, context: PerformContext): Promise<EffectOutcome> {
  const seen: WatchedEffect = { key: context.key, automation: context.automation, name: effect.name };
  return watched.effect.tracePromise(async () => {
    const done = await perform(effect, context);
    seen.outcome = done.outcome;
    return done;
  }, seen);
}

async function perform(effect: Effect, context: PerformContext): Promise<EffectOutcome> {
  const earlier = await uncertainSince(effect, context);
  if (earlier !== null) {
    const found = await effect.find?.();
    if (found !== undefined) return record(effect, 'found', found, context);
    // Without a way to look, the effect is one that may be repeated (it sets a state rather than adding something).
    const settledAt = earlier + context.grace;
    if (effect.find && context.now() < settledAt) throw uncertain(effect, settledAt);
  }
  const began = performance.now();
  await begin(effect, context);
  // Who stood still meanwhile may have lost the key: another process looks for what was begun, and does it when the grace is over.
  if (performance.now() - began > (context.lease ?? Infinity) / 2) {
    throw uncertain(effect, context.now() + context.grace);
  }
  crashPoint('effect:begun');
  let ref: Json;
  try {
    ref = await effect.do();
  } catch (error) {
    if (!isUncertain(error)) {
      await fail(effect, error, context);
      throw error;
    }
    if (!effect.find) throw error;
    ref = await settle(effect, context);
    return record(effect, 'found', ref, context);
  }
  crashPoint('effect:done');
  return record(effect, 'done', ref, context);
}

async function settle(effect: Effect, context: PerformContext): Promise<Json> {
  for (const delay of QUICK_LOOKS) {
    await context.wait(delay);
    const found = await effect.find?.();
    if (found !== undefined) return found;
  }
  throw uncertain(effect, context.now() + context.grace);
}

function uncertain(effect: Effect, retryAt: number): SignalboxError {
  return new SignalboxError('SBX_EFFECT_UNCERTAIN', effect.summary, { retryAt });
}

async function uncertainSince(effect: Effect, { database, key }: PerformContext): Promise<number | null> {
  const row = await database.query
    .selectFrom('effects')
    .select(['state', 'started_at'])
    .where('key', '=', key)
    .where('name', '=', effect.name)
    .executeTakeFirst();
  return row?.state === 'doing' ? Number(row.started_at) : null;
}

async function begin(effect: Effect, { database, key, owner, now }: PerformContext): Promise<void> {
  const values = { state: 'doing' as const, summary: effect.summary, started_at: now(), finished_at: null, ref: null };
  await database.transaction(async transaction => {
    await assertHeld(transaction, key, owner, database.engine);
    await transaction
      .insertInto('effects')
      .values({ key, name: effect.name, ...values })
      .onConflict(conflict => conflict.columns(['key', 'name']).doUpdateSet(values))
      .execute();
  });
}

async function record(
  effect: Effect,
  outcome: 'done' | 'found',
  ref: Json,
  context: PerformContext,
): Promise<EffectOutcome> {
  const { database, key, owner } = context;
  const at = context.now();
  await database.transaction(async transaction => {
    await assertHeld(transaction, key, owner, database.engine);
    await transaction
      .updateTable('effects')
      .set({ state: 'done', finished_at: at, ref: JSON.stringify(ref) })
      .where('key', '=', key)
      .where('name', '=', effect.name)
      .execute();
    const data = { automation: context.automation, effect: effect.name, summary: effect.summary, outcome, ref };
    await appendJournal(transaction, [{ at, kind: 'effect', key, data }], database.engine);
  });
  return { name: effect.name, outcome, ref };
}

async function fail(effect: Effect, error: unknown, context: PerformContext): Promise<void> {
  const { database, key, owner } = context;
  const at = context.now();
  const detail = error instanceof Error ? error.message : String(error);
  await database.transaction(async transaction => {
    await assertHeld(transaction, key, owner, database.engine);
    await transaction
      .updateTable('effects')
      .set({ state: 'failed', finished_at: at })
      .where('key', '=', key)
      .where('name', '=', effect.name)
      .execute();
    const data = {
      automation: context.automation,
      effect: effect.name,
      summary: effect.summary,
      outcome: 'failed',
      detail,
    };
    await appendJournal(transaction, [{ at, kind: 'effect', key, data }], database.engine);
  });
}
