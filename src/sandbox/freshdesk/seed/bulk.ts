import { addConversation, addFile, addTicket } from '../state/add.ts';
import type { World } from '../state/world.ts';
import type { People } from './people.ts';
import type { FreshdeskSeed } from './seed-options.ts';

const MINUTE = 60_000;

/** Ticket 1001: as many conversations and attachments as were asked for, in turns of customer, agent and private note. */
export function seedBulk(world: World, people: People, bulk: NonNullable<FreshdeskSeed['bulk']>, start: number): void {
  addLong(world, people, { id: 1001, ...bulk }, start);
}

/** Tickets from 2001 on, each small. */
export function seedTickets(world: World, people: People, count: number, start: number): void {
  for (let number = 0; number < count; number++)
    addLong(
      world,
      people,
      { id: 2001 + number, conversations: 3, attachments: 1, attachment_size: 1024 },
      start + number * 1000,
    );
}

function addLong(
  world: World,
  { ada, requester }: People,
  size: { id: number; conversations: number; attachments: number; attachment_size: number },
  start: number,
): void {
  const ticket = addTicket(world, {
    id: size.id,
    subject: `Long story ${size.id}`,
    description: `<div>This is ticket ${size.id}.</div>`,
    requesterId: requester.id,
    customFields: { cf_product: 'Appliance', cf_dev_status: null },
    createdAt: start,
  });
  for (let number = 1; number <= size.conversations; number++) {
    const incoming = number % 3 === 1;
    const note = number % 3 === 0;
    addConversation(world, ticket, {
      body: `<div>Message ${number} of ${size.conversations} on ticket ${size.id}</div>`,
      userId: incoming ? requester.id : ada.id,
      incoming,
      private: note,
      source: note ? 2 : 0,
      createdAt: start + number * MINUTE,
    });
  }
  const owners = ticket.conversations.length > 0 ? ticket.conversations : [ticket];
  for (let number = 0; number < size.attachments; number++) {
    const owner = owners[Math.floor((number * owners.length) / size.attachments)] ?? ticket;
    owner.attachments.push(
      addFile(world, {
        name: `capture-${number + 1}.bin`,
        contentType: 'application/octet-stream',
        content: { generated: size.id * 1000 + number },
        size: size.attachment_size,
        at: owner.createdAt,
      }),
    );
  }
}
