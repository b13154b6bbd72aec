import { addConversation, addTicket } from '../state/add.ts';
import { newId, type World } from '../state/world.ts';
import { seedBulk, seedTickets } from './bulk.ts';
import { seedPeople } from './people.ts';
import type { FreshdeskSeed } from './seed-options.ts';
import { seedTicket101 } from './ticket-101.ts';

const DAY = 86_400_000;

/** Fills an empty account: see the table in the README. Times are in the three days before now. */
export function seedWorld(world: World, options: FreshdeskSeed): void {
  const { settings } = world;
  Object.assign(settings.limits, options.limits);
  settings.attachmentTtl = options.attachment_ttl_s ?? settings.attachmentTtl;
  settings.requiredFields = options.required_fields ?? settings.requiredFields;
  settings.webhookRetries = options.webhook_retry_ms ?? settings.webhookRetries;
  settings.webhookTimeoutMs = options.webhook_timeout_ms ?? settings.webhookTimeoutMs;
  settings.webhookSpreadMs = options.webhook_spread_ms ?? settings.webhookSpreadMs;
  const start = Math.floor((world.now() - 3 * DAY) / 1000) * 1000;
  const people = seedPeople(world, start - 100 * DAY);
  people.bot.apiKey = options.api_key ?? people.bot.apiKey;
  seedTicket101(world, people, start);
  const requesterId = people.requester.id;
  const product = { customFields: { cf_product: 'Appliance', cf_dev_status: null } };
  const short = addTicket(world, {
    subject: 'Licence question',
    description: '<div>Where do I enter the key?</div>',
    requesterId,
    createdAt: start,
  });
  addConversation(world, short, { body: '<div>In Settings.</div>', userId: people.ada.id, createdAt: start + 1000 });
  addTicket(world, {
    ...product,
    subject: 'You won',
    description: '<div>!</div>',
    requesterId,
    spam: true,
    createdAt: start,
  });
  addTicket(world, {
    ...product,
    subject: 'Test',
    description: '<div>x</div>',
    requesterId,
    deleted: true,
    createdAt: start,
  });
  const old = addTicket(world, {
    ...product,
    subject: 'Old story',
    description: '<div>Long ago.</div>',
    requesterId,
    status: 5,
    archived: true,
    createdAt: start - 200 * DAY,
    closedAt: start - 190 * DAY,
  });
  addConversation(world, old, { body: '<div>Done.</div>', userId: people.ada.id, createdAt: start - 190 * DAY });
  addTicket(world, { ...product, subject: '', description: '<div>No subject.</div>', requesterId, createdAt: start });
  world.nextTicketId = 107;
  if (options.bulk !== undefined) seedBulk(world, people, options.bulk, start);
  seedTickets(world, people, options.tickets ?? 0, start);
  for (const given of options.webhooks ?? []) {
    const id = newId(world);
    world.webhooks.set(id, { id, ...given });
  }
}
