import { FreshdeskApi, type FreshdeskOptions } from './freshdesk-api.ts';
import { peopleCalls } from './people.ts';
import { ticketFieldSchema } from './schemas.ts';
import { ticketCalls } from './tickets.ts';

/** Everything we ask of one Freshdesk account, with one key. */
export type Freshdesk = ReturnType<typeof createFreshdesk>;

/** A client for the few calls that Signalbox needs, typed by schemas at the edge. It never sends a write twice. */
export function createFreshdesk(options: FreshdeskOptions) {
  const api = new FreshdeskApi(options);
  return {
    url: api.url,
    /** How the account is called in keys and markers: `acme.freshdesk.com`. */
    domain: new URL(api.url).host,
    tickets: ticketCalls(api),
    people: peopleCalls(api, options.now),
    ticketFields: async () => (await api.all(ticketFieldSchema, '/ticket_fields')) ?? [],
    /** Where agents look at a ticket. */
    ticketPage: (id: number) => `${api.url}/a/tickets/${id}`,
    budget: api.budget,
    close: () => api.close(),
  };
}
