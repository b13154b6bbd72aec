import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SimulatedFreshdesk, startFreshdesk } from '../../src/sandbox/freshdesk/start-freshdesk.ts';
import { clientOf } from '../../src/sandbox/freshdesk/testing/client.ts';

const FOLDER = new URL('../../../shared/freshdesk/', import.meta.url);
const present = existsSync(FOLDER);

let freshdesk: SimulatedFreshdesk;
let call: ReturnType<typeof clientOf>;

beforeAll(async () => {
  freshdesk = await startFreshdesk();
  call = clientOf(freshdesk);
});
afterAll(() => freshdesk.close());

// biome-ignore lint/suspicious/noExplicitAny: recordings have every shape
const recording = (name: string): any => JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));

/** What differs on purpose: keys that only old answers had, and those that depend on the account. */
const OLD_TICKET = ['/priority_name'];
const ACCOUNT = ['/custom_fields', '/custom_field'];

it('is a comparison that finds what is missing and what is of another type', () => {
  const recorded = { id: 1, list: [{ at: '2021-05-14T12:30:19Z' }], name: 'x' };
  expect(compare(recorded, { id: '1', list: [{ at: 'today' }] })).toEqual([
    '/id is string, not number',
    '/list/at is no time',
    '/name is missing',
  ]);
});

if (present) {
  describe('answers have the keys and types of recorded ones', () => {
    it.each([
      ['zammad.ticket_with_inline_and_attachment', ACCOUNT],
      ['python-freshdesk.ticket_1', [...ACCOUNT, ...OLD_TICKET, '/attachments/file_size']],
    ])('%s', async (name, differing) => {
      const { body } = await call('GET', '/tickets/101?include=requester,stats');
      const picture = await uploadPicture();
      body.attachments = [picture.attachments[0]];
      expect(compare(recording(name), body, '', differing)).toEqual([]);
    });

    it('airbyte.tickets_with_requester_and_stats', async () => {
      const { body } = await call('GET', '/tickets?include=requester,stats,description');
      for (const ticket of recording('airbyte.tickets_with_requester_and_stats'))
        expect(compare(ticket, body[0], '', ACCOUNT)).toEqual([]);
    });

    it('zammad.conversations_with_inline_and_attachment', async () => {
      const [recorded] = recording('zammad.conversations_with_inline_and_attachment');
      expect(compare(recorded, await uploadPicture())).toEqual([]);
    });

    it('python-freshdesk.conversations, .note_1, .reply_1', async () => {
      const { body: note } = await call('POST', '/tickets/101/notes', { body: 'x' });
      const { body: reply } = await call('POST', '/tickets/101/reply', { body: 'x' });
      const { body: list } = await call('GET', '/tickets/101/conversations');
      const [first, second] = recording('python-freshdesk.conversations');
      expect(compare(first, note)).toEqual([]);
      expect(compare(second, reply)).toEqual([]);
      expect(compare(recording('python-freshdesk.note_1'), list.at(-2))).toEqual([]);
      expect(compare(recording('python-freshdesk.reply_1'), list.at(-1))).toEqual([]);
    });

    it('airbyte.agent, python-freshdesk.agent_1', async () => {
      const { body } = await call('GET', '/agents/me');
      expect(compare(recording('airbyte.agent'), body)).toEqual([]);
      // The old sample has numbers where telephone numbers are texts today.
      const old = ['/contact/mobile', '/contact/phone'];
      expect(compare(recording('python-freshdesk.agent_1'), body, '', old)).toEqual([]);
    });

    it('python-freshdesk.contact, .company', async () => {
      const { body: ticket } = await call('GET', '/tickets/101');
      const { body: contact } = await call('GET', `/contacts/${ticket.requester_id}`);
      // API v1 spoke of customer_id, custom_field and the three below; v2 of company_id, custom_fields, unique_external_id.
      const old = ['/customer_id', '/custom_field', '/external_id', '/fb_profile_id', '/helpdesk_agent'];
      expect(compare(recording('python-freshdesk.contact'), contact, '', old)).toEqual([]);
      const { body: company } = await call('GET', `/companies/${ticket.company_id}`);
      expect(compare(recording('python-freshdesk.company'), company, '', ACCOUNT)).toEqual([]);
    });

    it('airbyte.ticket_fields_choices', async () => {
      const choices = recording('airbyte.ticket_fields_choices');
      for (const name of ['source', 'status', 'priority']) {
        const { body } = await call('GET', `/ticket_fields?type=default_${name}`);
        expect(body[0].choices).toMatchObject(choices[name]);
      }
    });

    it('official-docs.snippets: conversations, errors, headers', async () => {
      const docs = recording('official-docs.snippets');
      const { body: note, headers } = await call('POST', '/tickets/101/notes', { body: 'x' });
      // Structured bodies are those of chats, which are not simulated; a note's lists of addresses are never absent.
      expect(compare(docs.conversation_list_item, note, '', ['/structured_body'])).toEqual([]);
      expect(compare(docs.forward_conversation, note)).toEqual([]);
      expect(compare(docs.error_400, (await call('POST', '/tickets/101/notes', {})).body)).toEqual([]);
      expect((await clientOf(freshdesk, 'nobody')('GET', '/tickets/101')).body).toEqual(docs.error_401);
      for (const name of Object.keys(docs.headers_200)) expect(headers.get(name), name).not.toBeNull();
      expect(headers.get('x-freshdesk-api-version')).toBe(docs.headers_200['X-Freshdesk-Api-Version']);
      const { headers: listed } = await call('GET', '/tickets?per_page=1&page=1');
      const shape = (link: string) => link.replace(/https?:\/\/\S+?>/, 'URL>');
      expect(shape(listed.get('link') ?? '')).toBe(shape(docs.link_header));
    });

    it('attachment and inline URLs are signed and shaped like the real ones', async () => {
      const real = recording('zammad.ticket_with_inline_and_attachment');
      const form = (text: string) => {
        const url = new URL(text);
        return [
          url.pathname.replace(/\d+/, 'N'),
          [...url.searchParams.keys()].filter(key => /^X-Amz-(?!Signature)|token/.test(key)),
        ];
      };
      const note = await uploadPicture();
      expect(form(note.attachments[0].attachment_url)).toEqual(form(real.attachments[0].attachment_url));
      expect(form(note.attachments[0].thumb_url)).toEqual(form(real.attachments[0].thumb_url));
      const source = (html: string) => /<img src="([^"]+)"/.exec(html)?.[1] ?? '';
      const { body: ticket } = await call('GET', '/tickets/101');
      expect(form(source(ticket.description))).toEqual(form(source(real.description)));
    });
  });
} else {
  const title = `Freshdesk's recorded answers: NOT RUN, there is no folder ${FOLDER.pathname}`;
  console.warn(title);
  it(title, () => {
    expect(process.env['CI'], 'in CI the recordings must be there').toBeUndefined();
  });
}

async function uploadPicture() {
  const form = new FormData();
  form.set('body', 'with a picture');
  form.append('attachments[]', new File(['png'], 'standalone_attachment.png', { type: 'image/png' }));
  return (await call('POST', '/tickets/101/notes', form)).body;
}

/**
 * What the answer lacks or has of another type than the recording, as paths. null fits everything, because what is blank
 * differs from account to account; of lists the first elements are compared.
 */
function compare(recorded: unknown, answered: unknown, path = '', differing: readonly string[] = []): string[] {
  if (differing.includes(path)) return [];
  if (answered === undefined) return [`${path} is missing`];
  if (recorded === null || answered === null) return [];
  if (Array.isArray(recorded)) {
    if (!Array.isArray(answered)) return [`${path} is no list`];
    if (recorded.length === 0 || answered.length === 0) return [];
    return compare(recorded[0], answered[0], path, differing);
  }
  if (typeof recorded !== typeof answered) return [`${path} is ${typeof answered}, not ${typeof recorded}`];
  if (typeof recorded === 'string') return kind(recorded) === kind(answered) ? [] : [`${path} is no time`];
  if (typeof recorded !== 'object') return [];
  const record = answered as Record<string, unknown>;
  return Object.entries(recorded).flatMap(([key, value]) => compare(value, record[key], `${path}/${key}`, differing));
}

function kind(value: unknown): string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(value) ? 'time' : 'text';
}
