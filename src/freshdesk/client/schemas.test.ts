import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { agentSchema, contactSchema, conversationSchema, listedTicketSchema, ticketSchema } from './schemas.ts';

const FOLDER = new URL('../../../../shared/freshdesk/', import.meta.url);
const recording = (name: string): unknown => JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));

if (existsSync(FOLDER)) {
  it.each([
    ['python-freshdesk.ticket_1', ticketSchema],
    ['zammad.ticket_with_inline_and_attachment', ticketSchema],
    ['airbyte.tickets_with_requester_and_stats', listedTicketSchema.array()],
    ['python-freshdesk.conversations', conversationSchema.array()],
    ['zammad.conversations_with_inline_and_attachment', conversationSchema.array()],
    ['python-freshdesk.note_1', conversationSchema],
    ['python-freshdesk.agent_1', agentSchema],
    ['airbyte.agent', agentSchema],
    ['python-freshdesk.contact', contactSchema],
  ] as const)('reads the recorded answer %s', (name, schema) => {
    const { success, error } = schema.safeParse(recording(name));
    expect(success, error?.message).toBe(true);
  });

  it('reads the size of an attachment by either name', () => {
    const old = ticketSchema.parse(recording('python-freshdesk.ticket_1'));
    expect(old.attachments?.[0]).toMatchObject({ name: 'attachment.txt', size: 44115 });
    const recent = ticketSchema.parse(recording('zammad.ticket_with_inline_and_attachment'));
    expect(recent.attachments?.[0]).toMatchObject({ size: 11447 });
  });
} else if (process.env['CI']) {
  it('is held against recorded answers', () => {
    throw new Error('../shared/freshdesk is missing');
  });
} else {
  console.warn('\n!!! ../shared/freshdesk IS MISSING: the schemas were not held against recorded answers.\n');
  it('has nothing to be held against', () => expect(existsSync(FOLDER)).toBe(false));
}
