import type { AgentRecord, CompanyRecord, ContactRecord } from '../state/records.ts';
import { newId, type World } from '../state/world.ts';

export interface People {
  bot: AgentRecord;
  ada: AgentRecord;
  requester: ContactRecord;
  colleague: ContactRecord;
}

/** Three agents (one of them sees only tickets of its own), two contacts, one company. */
export function seedPeople(world: World, at: number): People {
  const company: CompanyRecord = {
    id: newId(world),
    name: 'Northwind Hosting',
    domains: ['northwind.example'],
    accountTier: 'Premium',
    createdAt: at,
  };
  world.companies.set(company.id, company);
  const bot = agent('Signalbox', 'signalbox@acme.example', 'sandbox', 1);
  const ada = agent('Ada Byron', 'ada@acme.example', 'sandbox-ada', 1);
  agent('Rex Limited', 'rex@acme.example', 'sandbox-restricted', 3);
  const requester = contact('Grace Miller', 'grace@northwind.example', '+44 20 7946 0000');
  const colleague = contact('Linus Weber', 'linus@northwind.example', null);
  return { bot, ada, requester, colleague };

  function agent(name: string, email: string, apiKey: string, ticketScope: 1 | 2 | 3): AgentRecord {
    const record: AgentRecord = { id: newId(world), name, email, apiKey, ticketScope, createdAt: at };
    world.agents.set(record.id, record);
    return record;
  }

  function contact(name: string, email: string, phone: string | null): ContactRecord {
    const record = { id: newId(world), name, email, phone, companyId: company.id, createdAt: at };
    world.contacts.set(record.id, record);
    return record;
  }
}
