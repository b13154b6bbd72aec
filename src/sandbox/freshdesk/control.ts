import type { Controlled } from '../control/control-routes.ts';
import { RequestLog } from '../control/request-log.ts';
import { seedWorld } from './seed/seed.ts';
import { type FreshdeskSeed, freshdeskSeedOptions } from './seed/seed-options.ts';
import { emptyWorld, settled, type World } from './state/world.ts';

/** The simulator's `/_sandbox/`: `start` is what a reset goes back to, null = an empty account. */
export function controlOf(world: World, start: FreshdeskSeed | null): Controlled {
  const requests = new RequestLog();
  return {
    faults: world.faults,
    requests,
    async reset() {
      renew(world, start);
      world.faults.clear();
      requests.clear();
    },
    async seed(given) {
      renew(world, { ...start, ...freshdeskSeedOptions.parse(given) });
      return summary(world);
    },
    state: async () => describe(world),
    settle: () => settled(world),
  };
}

export function renew(world: World, seed: FreshdeskSeed | null): void {
  emptyWorld(world);
  if (seed !== null) seedWorld(world, seed);
}

function summary(world: World): Record<string, unknown> {
  return {
    url: world.baseUrl,
    files_url: world.filesUrl,
    now: new Date(world.now()).toISOString(),
    limits: world.settings.limits,
    agents: [...world.agents.values()].map(({ id, name, apiKey }) => ({ id, name, api_key: apiKey })),
    contacts: [...world.contacts.values()].map(({ id, name, email }) => ({ id, name, email })),
    ticket_ids: [...world.tickets.keys()],
  };
}

/** Everything at a glance, with other words than the API so that nobody mistakes it for that. */
function describe(world: World): Record<string, unknown> {
  const names = new Map([...world.agents, ...world.contacts].map(([id, { name }]) => [id, name]));
  return {
    ...summary(world),
    pending: world.jobs.size,
    used_this_minute: world.window.used,
    webhooks: [...world.webhooks.values()].map(({ id, url, events }) => ({ id, url, events })),
    tickets: [...world.tickets.values()].map(ticket => ({
      id: ticket.id,
      subject: ticket.subject,
      status: ticket.status,
      tags: ticket.tags,
      custom_fields: ticket.customFields,
      spam: ticket.spam,
      deleted: ticket.deleted,
      archived: ticket.archived,
      files: ticket.attachments.map(file => file.name),
      conversations: ticket.conversations.map(item => ({
        id: item.id,
        author: names.get(item.userId) ?? null,
        kind: item.source === 2 ? 'note' : item.incoming ? 'mail' : 'reply',
        private: item.private,
        body: item.body,
        edited: item.lastEditedAt !== null,
        files: item.attachments.map(file => file.name),
      })),
    })),
  };
}
