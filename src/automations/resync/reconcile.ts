import type { Automation, Decision } from '../../engine/automation.ts';
import { SignalboxError } from '../../errors.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';

export interface ResyncFacts {
  project: string;
  /** Whether the token may see the project. */
  seen: boolean;
  /** Whether all open merge requests were listed, or only those that changed. */
  full: boolean;
  iids: number[];
  /** The issues that changed. */
  issues: number[];
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
  /** The keys that an issue concerns; left out where no automation asks for issues of the project. */
  issueKeysOf: (project: string) => ((iid: number) => string[]) | undefined;
}

/**
 * The reconciler of `resync:<project>`: whatever webhooks said or failed to say, each merge request and each issue that changed
 * is looked at again every ten minutes, and each open merge request once a day.
 */
export function resync({ gitlab, keysOf, issueKeysOf }: ResyncOptions): Automation<ResyncFacts, never, Memory> {
  const lookAtAll = (facts: ResyncFacts, memory: Memory | null, now: number): Decision<never, Memory> => ({
    verdict: facts.full ? 'all open merge requests were listed' : 'what changed recently was listed',
    because: ['Webhooks can get lost; what they would have said is found this way.'],
    actions: [],
    memory: { lookedAt: now, fullAt: facts.full ? now : (memory?.fullAt ?? now) },
    lookAgainAt: now + EVERY,
    alsoLookAt: [
      ...facts.iids.flatMap(iid => keysOf(facts.project, iid)),
      ...facts.issues.flatMap(iid => issueKeysOf(facts.project)?.(iid) ?? []),
    ].map(key => ({ key, reason: 'resync' })),
  });
  const notSeen = ({ project }: ResyncFacts, now: number): Decision<never, Memory> => ({
    verdict: `${project} cannot be seen`,
    because: ['The token may not see the project or its merge requests; nothing of what was missed is forgotten.'],
    actions: [],
    lookAgainAt: now + EVERY,
  });
  return {
    name: 'resync',
    kind: 'resync',
    standing: true,
    gather: async look => {
      const { memory } = look;
      const full = memory === null || look.now() - memory.fullAt >= FULL_EVERY;
      const query = full ? { state: 'opened' } : { state: 'all', updated_after: since(memory) };
      const list = await unlessHidden(gitlab.mergeRequests.list(look.subject, query));
      const changed =
        list && memory && issueKeysOf(look.subject)
          ? await unlessHidden(gitlab.issues.list(look.subject, { updated_after: since(memory) }))
          : [];
      const issues = (changed ?? []).map(each => each.iid);
      return { project: look.subject, seen: list !== null, full, iids: (list ?? []).map(each => each.iid), issues };
    },
    decide: (facts, memory, now) => (facts.seen ? lookAtAll(facts, memory, now) : notSeen(facts, now)),
    effect: () => {
      throw new Error('a resync changes nothing outside');
    },
  };
}

/** Null where the token may not see the list, or there is none: somebody's setting, not a failure that ends by itself. */
async function unlessHidden<T>(list: Promise<T[]>): Promise<T[] | null> {
  try {
    return await list;
  } catch (error) {
    const status = error instanceof SignalboxError ? error.remoteStatus : undefined;
    if (status === 403 || status === 404) return null;
    throw error;
  }
}

function since(memory: Memory): string {
  return new Date(memory.lookedAt - OVERLAP).toISOString();
}
