import type { Automation } from '../../engine/automation.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';

export interface ResyncFacts {
  project: string;
  /** Whether all open merge requests were listed, or only those that changed. */
  full: boolean;
  iids: number[];
}

type Memory = { lookedAt: number; fullAt: number };

const EVERY = 10 * 60_000;
const FULL_EVERY = 24 * 60 * 60_000;
/** Clocks differ, and GitLab's lists lag a little. */
const OVERLAP = 5 * 60_000;

export interface ResyncOptions {
  gitlab: GitLab;
  /** The keys that a merge request concerns, over all automations. */
  keysOf: (project: string, iid: number) => string[];
}

/**
 * The reconciler of `resync:<project>`: whatever webhooks said or failed to say, each merge request that changed is looked at
 * again every ten minutes, and each open one once a day.
 */
export function resync({ gitlab, keysOf }: ResyncOptions): Automation<ResyncFacts, never, Memory> {
  return {
    name: 'resync',
    kind: 'resync',
    standing: true,
    gather: async look => {
      const { memory } = look;
      const full = memory === null || look.now() - memory.fullAt >= FULL_EVERY;
      const query = full
        ? { state: 'opened' }
        : { state: 'all', updated_after: new Date(memory.lookedAt - OVERLAP).toISOString() };
      const list = await gitlab.mergeRequests.list(look.subject, query);
      return { project: look.subject, full, iids: list.map(each => each.iid) };
    },
    decide: ({ project, full, iids }, memory, now) => ({
      verdict: full ? 'all open merge requests were listed' : 'the recently changed merge requests were listed',
      because: ['Webhooks can get lost; what they would have said is found this way.'],
      actions: [],
      memory: { lookedAt: now, fullAt: full ? now : (memory?.fullAt ?? now) },
      lookAgainAt: now + EVERY,
      alsoLookAt: iids.flatMap(iid => keysOf(project, iid)).map(key => ({ key, reason: 'resync' })),
    }),
    effect: () => {
      throw new Error('a resync changes nothing outside');
    },
  };
}
