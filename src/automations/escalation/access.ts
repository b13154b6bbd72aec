import type { AccessCheck, AskingRequest } from '../../access-check.ts';
import { SignalboxError } from '../../errors.ts';
import { bearerOf, knownSecrets } from '../../known-secrets.ts';

/** Who may press, with the token. */
export interface EscalationAgent {
  name: string;
  token: string;
}

/**
 * Makes the check of who asks: an agent by their own token, or an operator of the service.
 *
 * @returns the name; throws SBX_AGENT_UNKNOWN, SBX_WEB_PAGE_REFUSED
 */
export function agentCheck(
  agents: readonly EscalationAgent[],
  operator: AccessCheck,
): (request: AskingRequest) => Promise<string> {
  const holdersOf = knownSecrets(agents, each => each.token);
  return async request => {
    const { authorization, origin } = request.headers;
    if (origin !== undefined && /^https?:/i.test(origin)) {
      throw new SignalboxError('SBX_WEB_PAGE_REFUSED', `the request comes from a page of ${origin.slice(0, 200)}`);
    }
    const given = bearerOf(authorization);
    if (given === undefined) throw new SignalboxError('SBX_AGENT_UNKNOWN', 'the request has no Bearer token');
    const [agent] = holdersOf(given);
    if (agent) return agent.name;
    try {
      return await operator(request);
    } catch {
      throw new SignalboxError('SBX_AGENT_UNKNOWN', 'the token is not known');
    }
  };
}
