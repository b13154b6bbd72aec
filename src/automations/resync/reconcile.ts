import type { Automation } from '../../engine/automation.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';

export interface ResyncFacts {
  project: string;
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
  return {
    name: 'resync',
    kind: 'resync',
    standing: true,
    gather: async look => {
      const { memory } = look;
      const full = memory === null || look.now() - memory.fullAt >= FULL_EVERY;
      const query = full ? { state: 'opened' } : { state: 'all', updated_after: since(memory) };
      const list = await gitlab.mergeRequests.list(look.subject, query);
      const changed =
        memory && issueKeysOf(look.subject)
          ? await gitlab.issues.list(look.subject, { updated_after: since(memory) })
          : [];
      const issues = changed.map(each => each.iid);
      return { project: look.subject, full, iids: list.map(each => each.iid), issues };
    },
    decide: ({ project, full, iids, issues }, memory, now) => ({
      verdict: full ? 'all open merge requests were listed' : 'what changed recently was listed',
      because: ['Webhooks can get lost; what they would have said is found this way.'],
      actions: [],
      memory: { lookedAt: now, fullAt: full ? now : (memory?.fullAt ?? now) },
      lookAgainAt: now + EVERY,
      alsoLookAt: [
        ...iids.flatMap(iid => keysOf(project, iid)),
        ...issues.flatMap(iid => issueKeysOf(project)?.(iid) ?? []),
      ].map(key => ({ key, reason: 'resync' })),
    }),
    effect: () => {
      throw new Error('a resync changes nothing outside');
    },
  };
}

function since(memory: Memory): string {
  return new Date(memory.lookedAt - OVERLAP).toISOString();
}
