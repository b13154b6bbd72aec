import { notFound } from '../http/api-error.ts';
import { type Answer, type Call, idOf } from '../http/call.ts';
import { paginate } from '../http/paginate.ts';
import { agent, company, contact } from '../present/people.ts';

export function viewMe(call: Call): Answer {
  return { status: 200, body: agent(call.agent) };
}

export function listAgents(call: Call): Answer {
  const email = call.url.searchParams.get('email');
  return list(
    call,
    [...call.world.agents.values()].filter(item => email === null || item.email === email),
    agent,
  );
}

export function viewAgent(call: Call): Answer {
  return view(call.world.agents.get(idOf(call)), agent);
}

export function listContacts(call: Call): Answer {
  const email = call.url.searchParams.get('email');
  return list(
    call,
    [...call.world.contacts.values()].filter(item => email === null || item.email === email),
    contact,
  );
}

/** An agent is no contact: 404 for the id of one, and the other way round. */
export function viewContact(call: Call): Answer {
  return view(call.world.contacts.get(idOf(call)), contact);
}

export function listCompanies(call: Call): Answer {
  return list(call, [...call.world.companies.values()], company);
}

export function viewCompany(call: Call): Answer {
  return view(call.world.companies.get(idOf(call)), company);
}

function list<T>(call: Call, items: T[], present: (item: T) => Record<string, unknown>): Answer {
  const { page, headers } = paginate(items, call.url, call.world.baseUrl);
  return { status: 200, body: page.map(present), headers };
}

function view<T>(item: T | undefined, present: (item: T) => Record<string, unknown>): Answer {
  if (item === undefined) throw notFound();
  return { status: 200, body: present(item) };
}
