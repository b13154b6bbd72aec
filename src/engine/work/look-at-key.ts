import type { Database } from '../../storage/database.ts';
import type { Automation, Decision, Look } from '../automation.ts';
import { crashPoint } from '../crash-point.ts';
import { type EffectOutcome, performEffect } from '../effects/perform.ts';
import { performPlan } from '../effects/perform-plan.ts';
import type { Json } from '../json.ts';
import { readMemory, recordDecision } from '../records/record-decision.ts';
import { watched } from '../watch.ts';
import type { Pace } from './back-off.ts';

export interface LookContext {
  database: Database;
  automation: Automation;
  key: string;
  /** Who must hold the key's lease for anything to be done or recorded; nobody where there are no leases. */
  owner?: string | undefined;
  reasons: readonly string[];
  chain: string | null;
  /** Decide everything, change nothing outside. */
  dryRun: boolean;
  pace: Pace;
  now: () => number;
  wait: (milliseconds: number) => Promise<void>;
  signal: AbortSignal;
}

/** What one look at a key came to. */
export interface LookResult {
  facts: Json;
  decision: Decision;
  effects: EffectOutcome[];
}

/**
 * One look at one key, read top to bottom: gather the facts, decide, write the decision down, perform what is missing.
 * Each effect is recorded as it is done; the look itself is ended by the caller.
 */
export function lookAtKey(context: LookContext): Promise<LookResult> {
  const { key, automation, reasons } = context;
  return watched.look.tracePromise(() => lookThrough(context), { key, automation: automation.name, reasons });
}

async function lookThrough(context: LookContext): Promise<LookResult> {
  const { database, automation, key, owner, reasons, dryRun, now } = context;
  const look: Look = {
    key,
    subject: key.slice(key.indexOf(':') + 1),
    reasons,
    memory: await readMemory(database.query, key),
    chain: context.chain,
    signal: context.signal,
    now,
  };
  const facts = (await automation.gather(look)) as Json;
  crashPoint('work:gathered');
  const decision = automation.decide(facts, look.memory, now());
  const toRecord = { key, owner, automation: automation.name, facts, decision, reasons, dryRun };
  await recordDecision(database, toRecord, now());
  crashPoint('work:decided');
  if (dryRun) return { facts, decision, effects: [] };
  const effects = await performPlan(decision.actions, automation.atOnce ?? 1, action => {
    context.signal.throwIfAborted();
    return performEffect(automation.effect(action, facts, look), {
      database,
      key,
      owner,
      lease: context.pace.lease,
      automation: automation.name,
      grace: context.pace.grace,
      now,
      wait: context.wait,
    });
  });
  crashPoint('work:performed');
  return { facts, decision, effects };
}
