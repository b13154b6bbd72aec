import type { Automation } from '../../../engine/automation.ts';
import { escalatedKeys } from './escalated-keys.ts';
import { publishedName } from './published-releases.ts';
import type { ReturnContext } from './return-context.ts';

interface ReleaseFacts {
  /** Newest first. */
  published: { id: string; at: number }[];
  /** Keys of issues with tickets; read only when there is something new. */
  issues: string[];
}

type ReleaseMemory = { newest: string | null };

const EVERY = 30_000;
const LATEST = 20;

/** The reconciler of `escalation-releases:<domain>`: a release that was published may hold the fix of an escalated issue. */
export function watchReleases(context: ReturnContext): Automation<ReleaseFacts, never, ReleaseMemory> {
  return {
    name: 'escalation',
    kind: 'escalation-releases',
    standing: true,
    gather: async look => {
      const published = (await context.releases.newest(LATEST)).map(each => ({ id: publishedName(each), at: each.at }));
      const isNews = (published[0]?.id ?? null) !== (look.memory?.newest ?? null);
      return { published, issues: isNews ? (await escalatedKeys(context, look.now())).issues : [] };
    },
    decide: (facts, _memory, now) => ({
      verdict: facts.issues.length === 0 ? 'nothing new was released' : `${facts.issues.length} issues are looked at`,
      because: ['A release may have the fix of an escalated issue in it.'],
      actions: [],
      memory: { newest: facts.published[0]?.id ?? null },
      lookAgainAt: now + EVERY,
      alsoLookAt: facts.issues.map((key, index) => ({
        key,
        reason: 'a release was published',
        dueAt: now + index * 100,
      })),
    }),
    effect: () => {
      throw new Error('the look at releases changes nothing outside');
    },
  };
}
