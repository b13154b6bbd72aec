import type { AgentRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';
import { invalidCredentials } from './api-error.ts';

/** Whose API key this is: HTTP Basic with the key as user name and anything as password. 401 otherwise. */
export function identify(world: World, authorization: string | undefined): AgentRecord {
  const encoded = /^Basic\s+([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '')?.[1];
  const key = encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8').split(':')[0];
  for (const agent of world.agents.values()) if (agent.apiKey === key) return agent;
  throw invalidCredentials();
}
