import type { AccessCheck, AskingRequest } from '../../access-check.ts';
import { SignalboxError } from '../../errors.ts';
import { bearerOf, knownSecrets } from '../../known-secrets.ts';

/** Who may press, with the token. */
export interface EscalationAgent {
  name: string;
  token: string;
}

/**
 * Makes the check of who asks: an agent by their own token, or an operator of the service by token or session.
 *
 * @returns the name; rejects with SBX_AGENT_UNKNOWN, SBX_WEB_PAGE_REFUSED, and as the operator's check does
 */
export function agentCheck(agents: readonly EscalationAgent[], operator: AccessCheck): AccessCheck {
  const holdersOf = knownSecrets(agents, each => each.token);
  return async request => {
    const given = bearerOf(request.headers.authorization);
    if (given === undefined) return orUnknown(operator, request);
    const { origin } = request.headers;
    if (origin !== undefined && /^https?:/i.test(origin)) {
      throw new SignalboxError('SBX_WEB_PAGE_REFUSED', `the request comes from a page of ${origin.slice(0, 200)}`);
    }
    const [agent] = holdersOf(given);
    return agent ? agent.name : orUnknown(operator, request);
  };
}

/** A button is told about its agent's token, and not about signing in. */
async function orUnknown(operator: AccessCheck, request: AskingRequest): Promise<string> {
  try {
    return await operator(request);
  } catch (error) {
    if (!(error instanceof SignalboxError) || error.code !== 'SBX_NOT_SIGNED_IN') throw error;
    throw new SignalboxError('SBX_AGENT_UNKNOWN', error.detail);
  }
}
