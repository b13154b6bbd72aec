import type { Automation } from '../../engine/automation.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import { decide, type TokenFacts } from './decide.ts';

/** The reconciler of `token:<which>`, for each of the clients by the name of its token. */
export function tokenCare(clients: ReadonlyMap<string, GitLab>): Automation<TokenFacts, never> {
  return {
    name: 'token-care',
    kind: 'token',
    standing: true,
    gather: async look => {
      const token = await clients.get(look.subject)?.projects.token();
      return { name: token?.name ?? null, expiresAt: token?.expires_at ?? null, told: token != null };
    },
    decide: (facts, _memory, now) => ({ ...decide(facts, now), actions: [] }),
    effect: () => {
      throw new Error('looking how long a token serves changes nothing outside');
    },
  };
}
