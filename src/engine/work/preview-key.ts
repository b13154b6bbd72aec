import type { Kysely } from 'kysely';
import { SignalboxError } from '../../errors.ts';
import type { Tables } from '../../storage/tables.ts';
import type { Automation, Decision, Look } from '../automation.ts';
import type { Json } from '../json.ts';
import { readMemory } from '../records/record-decision.ts';
import { kindOf } from './work-store.ts';

/** What a look at a key would come to. */
export interface Preview {
  key: string;
  facts: Json;
  decision: { verdict: string; because: string[]; plan: string[] };
}

/**
 * Gathers and decides as a look would, with what is remembered of the key; records nothing and changes nothing outside.
 * Without a database there is no memory.
 *
 * @throws SignalboxError SBX_KEY_WITHOUT_AUTOMATION
 */
export async function previewKey(
  key: string,
  {
    automations,
    database,
    now,
  }: { automations: readonly Automation[]; database: Kysely<Tables> | null; now: () => number },
): Promise<Preview> {
  const automation = automations.find(each => each.kind === kindOf(key));
  if (!automation) throw new SignalboxError('SBX_KEY_WITHOUT_AUTOMATION', key);
  const memory = database && (await readMemory(database, key));
  const subject = key.slice(key.indexOf(':') + 1);
  const { signal } = new AbortController();
  const look: Look = { key, subject, reasons: ['a preview'], memory, chain: null, signal, now };
  const facts = await automation.gather(look);
  const decision: Decision = automation.decide(facts, memory, now());
  const { verdict, because, actions } = decision;
  return { key, facts: facts as Json, decision: { verdict, because, plan: actions.map(action => action.summary) } };
}
