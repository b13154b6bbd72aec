import type { Automation } from '../../../engine/automation.ts';
import { isAsked } from '../../../engine/work/asked.ts';
import { escalatedKeys } from './escalated-keys.ts';
import type { ReturnContext } from './return-context.ts';

interface NightFacts {
  /** Keys of issues with tickets. */
  issues: string[];
  /** Keys of tickets whose later messages follow. */
  tickets: string[];
}

type NightMemory = { ranAt: number };

const DAY = 24 * 60 * 60_000;
const HOUR_UTC = 2;
/** Between two of the many looks. */
const APART = 2_000;

/** The reconciler of `escalation-night:<domain>`: once a night each escalated issue and each followed ticket, whatever webhooks said. */
export function nightly(context: ReturnContext): Automation<NightFacts, never, NightMemory> {
  return {
    name: 'escalation',
    kind: 'escalation-night',
    standing: true,
    gather: async look => {
      const due =
        look.memory === null || look.now() - look.memory.ranAt > DAY - 2 * 60 * 60_000 || isAsked(look.reasons);
      return due ? escalatedKeys(context, look.now()) : { issues: [], tickets: [] };
    },
    decide: (facts, memory, now) => {
      const keys = [...facts.issues, ...facts.tickets];
      const ran = keys.length > 0 || memory === null;
      return {
        verdict: ran
          ? `${facts.issues.length} issues and ${facts.tickets.length} tickets are looked at`
          : 'it is not night yet',
        because: ['Webhooks can get lost; what they would have said is found this way.'],
        actions: [],
        memory: ran ? { ranAt: now } : memory,
        lookAgainAt: nextNight(now),
        alsoLookAt: keys.map((key, index) => ({ key, reason: 'the nightly look', dueAt: now + index * APART })),
      };
    },
    effect: () => {
      throw new Error('the nightly look changes nothing outside');
    },
  };
}

function nextNight(now: number): number {
  const tonight = new Date(now).setUTCHours(HOUR_UTC, 0, 0, 0);
  return tonight > now ? tonight : tonight + DAY;
}
