import Client from 'freshdesk-api';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type SimulatedFreshdesk, startFreshdesk } from '../../src/sandbox/freshdesk/start-freshdesk.ts';
import { clientOf } from '../../src/sandbox/freshdesk/testing/client.ts';

/** What we use of npm's `freshdesk-api`, a client nobody here wrote: callbacks with error, data, and whether more pages follow. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads answers of every shape
type Callback = (error: Error | null, data: any, extra?: { pageIsLast: boolean }) => void;
type Method = (...parameters: [...unknown[], Callback]) => void;
const Freshdesk = Client as unknown as new (url: string, key: string) => Record<string, Method>;

let freshdesk: SimulatedFreshdesk;
let client: Record<string, Method>;
const control = (path: string, body?: unknown) => clientOf(freshdesk)('POST', `/_sandbox/${path}`, body);

beforeAll(async () => {
  freshdesk = await startFreshdesk();
  client = new Freshdesk(freshdesk.url, 'sandbox');
});
beforeEach(() => control('reset'));
afterAll(() => freshdesk.close());

function ask(method: string, ...parameters: unknown[]) {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads answers of every shape
  return new Promise<{ data: any; pageIsLast: boolean | undefined }>((resolve, reject) => {
    client[method]!(...parameters, (error, data, extra) => {
      if (error) reject(error);
      else resolve({ data, pageIsLast: extra?.pageIsLast });
    });
  });
}

it('reads tickets, people and fields', async () => {
  const { data: ticket } = await ask('getTicket', 101);
  expect(ticket.subject).toContain('Backup fails');
  const { data: tickets, pageIsLast } = await ask('listAllTickets', { page: 1, per_page: 2 });
  expect([tickets.length, pageIsLast]).toEqual([2, false]);
  expect((await ask('getAgent', ticket.responder_id)).data.contact.name).toBe('Ada Byron');
  expect((await ask('getContact', ticket.requester_id)).data.name).toBe('Grace Miller');
  expect((await ask('getCompany', ticket.company_id)).data.name).toBe('Northwind Hosting');
  expect((await ask('listAllTicketFields', { type: 'default_status' })).data[0].choices['2'][0]).toBe('Open');
});

it('pages through tickets until there are no more', async () => {
  await control('seed', { tickets: 62 });
  const pages = [];
  for (const page of [1, 2, 3]) pages.push(await ask('listAllTickets', { page }));
  expect(pages.map(({ data, pageIsLast }) => [data.length, pageIsLast])).toEqual([
    [30, false],
    [30, false],
    [5, true],
  ]);
  expect((await ask('listAllConversations', 101)).data).toHaveLength(4);
});

it('writes: a note, a note edited, tags, a ticket deleted and restored', async () => {
  const { data: note } = await ask('createNote', 101, { body: 'From outside', private: true });
  expect(note).toMatchObject({ private: true, body: 'From outside' });
  const { data: edited } = await ask('updateConversation', note.id, { body: 'Changed' });
  expect(edited).toMatchObject({ id: note.id, body: 'Changed' });
  expect((await ask('updateTicket', 101, { tags: ['one'] })).data.tags).toEqual(['one']);
  expect((await ask('deleteTicket', 106)).data).toBeNull();
  await expect(ask('updateTicket', 106, { tags: [] })).rejects.toMatchObject({ status: 405 });
  await ask('restoreTicket', 106);
  expect((await ask('getTicket', 106)).data.subject).toBe('');
});

it('understands refusals: validation, nothing there, too many', async () => {
  await expect(ask('updateTicket', 102, { tags: ['x'] })).rejects.toMatchObject({
    status: 400,
    message: 'Validation failed',
    data: { errors: [{ field: 'cf_product' }] },
  });
  await expect(ask('getTicket', 999)).rejects.toMatchObject({ status: 404 });
  await control('seed', { limits: { total: 1 } });
  await ask('getTicket', 101);
  await expect(ask('getTicket', 101)).rejects.toMatchObject({ status: 429, retryAfter: expect.any(Number) });
});
