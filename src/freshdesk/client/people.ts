import { SignalboxError } from '../../errors.ts';
import type { FreshdeskApi } from './freshdesk-api.ts';
import { type Agent, agentSchema, contactSchema } from './schemas.ts';

export interface Person {
  id: number;
  name: string;
  role: 'agent' | 'customer';
}

const KEPT = 60 * 60_000;
const MOST_KEPT = 5_000;

/** Who is behind the numbers in conversations; asked once an hour for each. */
export function peopleCalls(api: FreshdeskApi, now: () => number) {
  const known = new Map<number, { at: number; person: Promise<Person | null> }>();
  let me: Promise<Agent> | undefined;

  async function asAgent(id: number): Promise<Person | null> {
    const agent = await optional(() => api.find(agentSchema, `/agents/${id}`));
    return agent && { id, name: agent.contact.name ?? agent.contact.email ?? `agent ${id}`, role: 'agent' };
  }

  async function asContact(id: number): Promise<Person | null> {
    const contact = await optional(() => api.find(contactSchema, `/contacts/${id}`));
    return contact && { id, name: contact.name ?? contact.email ?? `contact ${id}`, role: 'customer' };
  }

  return {
    /** The agent whose key we use; asked once. */
    me: (): Promise<Agent> => {
      me ??= api.get(agentSchema, '/agents/me').catch((error: unknown) => {
        me = undefined;
        throw error;
      });
      return me;
    },

    /** Null where nobody has this number, or the key may not see people. `incoming` says where to look first: one of two is a 404. */
    find: (id: number, incoming: boolean): Promise<Person | null> => {
      const kept = known.get(id);
      if (kept && now() - kept.at < KEPT) return kept.person;
      const [first, second] = incoming ? [asContact, asAgent] : [asAgent, asContact];
      const person = first(id).then(found => found ?? second(id));
      if (known.size >= MOST_KEPT) known.clear();
      known.set(id, { at: now(), person });
      person.catch(() => known.delete(id));
      return person;
    },
  };
}

/** A key may see tickets and not people: then a number has no name, and that is all. */
async function optional<T>(ask: () => Promise<T | null>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof SignalboxError && error.remoteStatus === 403) return null;
    throw error;
  }
}
