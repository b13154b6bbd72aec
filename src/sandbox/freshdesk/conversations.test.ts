import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type SimulatedFreshdesk, startFreshdesk } from './start-freshdesk.ts';
import { clientOf } from './testing/client.ts';

let freshdesk: SimulatedFreshdesk;
let call: ReturnType<typeof clientOf>;

beforeAll(async () => {
  freshdesk = await startFreshdesk();
  call = clientOf(freshdesk);
});
beforeEach(() => call('POST', '/_sandbox/reset'));
afterAll(() => freshdesk.close());

test('237 conversations come in three pages, each naming the next one with a space that does not belong there', async () => {
  await call('POST', '/_sandbox/seed', { bulk: { conversations: 237 } });
  const texts: string[] = [];
  const links: (string | null)[] = [];
  for (let page = 1; page <= 3; page++) {
    const { body, headers } = await call('GET', `/tickets/1001/conversations?per_page=100&page=${page}`);
    texts.push(...body.map((item: { body_text: string }) => item.body_text));
    links.push(headers.get('link'));
  }
  expect(texts).toEqual(Array.from({ length: 237 }, (_, index) => `Message ${index + 1} of 237 on ticket 1001`));
  const next = (page: number) =>
    `< ${freshdesk.url}/api/v2/tickets/1001/conversations?per_page=100&page=${page}>;rel="next"`;
  expect(links).toEqual([next(2), next(3), null]);
  expect((await call('GET', '/tickets/1001/conversations')).body).toHaveLength(30);
  const many = await call('GET', '/tickets/1001/conversations?per_page=101');
  expect(many).toMatchObject({ status: 400, body: { errors: [{ field: 'per_page', code: 'invalid_value' }] } });
});

test('a note is private unless told, names where it is, and loses comments and scripts', async () => {
  const made = await call('POST', '/tickets/101/notes', {
    body: '<div onclick="x()">Hello<!-- marker --><script>alert(1)</script></div>',
  });
  expect(made.status).toBe(201);
  expect(made.headers.get('location')).toBe(`${freshdesk.url}/api/v2/conversations/${made.body.id}`);
  expect(made.body).toMatchObject({ private: true, incoming: false, source: 2, body: '<div>Hello</div>' });
  const last = (await call('GET', '/tickets/101/conversations')).body.at(-1);
  expect(last).toEqual(made.body);
  expect((await call('POST', '/tickets/101/notes', {})).body.errors[0]).toMatchObject({
    field: 'body',
    code: 'missing_field',
  });
});

test('a note can be edited, a reply cannot', async () => {
  const { body: note } = await call('POST', '/tickets/101/notes', { body: 'one' });
  const edited = await call('PUT', `/conversations/${note.id}`, { body: 'two' });
  expect(edited).toMatchObject({ status: 200, body: { id: note.id, body: 'two', last_edited_user_id: note.user_id } });
  expect(
    (await call('GET', '/tickets/101/conversations')).body.filter((item: { id: number }) => item.id === note.id),
  ).toHaveLength(1);
  const { body: reply } = await call('POST', '/tickets/101/reply', { body: 'sent' });
  expect((await call('PUT', `/conversations/${reply.id}`, { body: 'unsent' })).status).toBe(405);
  expect((await call('PUT', '/conversations/1', { body: 'x' })).status).toBe(404);
});

test('a multipart note carries files, at most 20 MB a ticket', async () => {
  const form = new FormData();
  form.set('body', 'with files');
  form.set('private', 'false');
  form.append('attachments[]', new File(['first'], 'a.txt', { type: 'text/plain' }));
  form.append('attachments[]', new File(['second'], 'b.txt', { type: 'text/plain' }));
  const { status, body } = await call('POST', '/tickets/101/notes', form);
  expect(status).toBe(201);
  expect(body.private).toBe(false);
  expect(body.attachments.map((file: { name: string; size: number }) => [file.name, file.size])).toEqual([
    ['a.txt', 5],
    ['b.txt', 6],
  ]);
  expect(await (await fetch(body.attachments[1].attachment_url)).text()).toBe('second');
  const large = new FormData();
  large.set('body', 'too much');
  large.append('attachments[]', new File([new Uint8Array(20 * 1024 * 1024)], 'big.bin'));
  expect((await call('POST', '/tickets/101/notes', large)).body.errors[0].field).toBe('attachments');
});

test('a signed URL lives 300 seconds, takes no Authorization and no other signature; a fresh read signs anew', async () => {
  const first = (await call('GET', '/tickets/101')).body.attachments[0];
  const url = new URL(first.attachment_url);
  expect(url.origin).toBe(freshdesk.filesUrl);
  expect(url.origin).not.toBe(freshdesk.url);
  expect(url.searchParams.get('X-Amz-Expires')).toBe('300');
  const good = await fetch(url);
  expect([good.status, (await good.arrayBuffer()).byteLength]).toEqual([200, first.size]);
  const withKey = await fetch(url, { headers: { Authorization: `Basic ${btoa('sandbox:X')}` } });
  expect([withKey.status, await withKey.text()]).toEqual([400, expect.stringContaining('Only one auth mechanism')]);
  const forged = await fetch(first.attachment_url.replace('Expires=300', 'Expires=999'));
  expect([forged.status, await forged.text()]).toEqual([403, expect.stringContaining('SignatureDoesNotMatch')]);
  await call('POST', '/_sandbox/clock', { advance_s: 298 });
  expect((await fetch(url)).status).toBe(200);
  await call('POST', '/_sandbox/clock', { advance_s: 4 });
  const late = await fetch(url);
  expect([late.status, await late.text()]).toEqual([403, expect.stringContaining('Request has expired')]);
  const again = (await call('GET', '/tickets/101')).body.attachments[0];
  expect((await fetch(again.attachment_url)).status).toBe(200);
  await call('DELETE', `/attachments/${first.id}`);
  expect((await fetch(again.attachment_url)).status).toBe(404);
});

test('the clock can be the caller’s', async () => {
  let now = Date.parse('2026-11-20T10:00:00Z');
  const other = await startFreshdesk({ clock: () => now });
  const ask = clientOf(other);
  const { attachment_url } = (await ask('GET', '/tickets/101')).body.attachments[0];
  expect(attachment_url).toContain('X-Amz-Date=20261120T100000Z');
  now += 301_000;
  expect((await fetch(attachment_url)).status).toBe(403);
  await other.close();
});

test('an inline image is in no list, comes by its token without a sign-in, and does not expire', async () => {
  const { body } = await call('GET', '/tickets/101');
  const found = /<img src="([^"]+)"[^>]*data-id="(\d+)"/.exec(body.description);
  const source = found?.[1] ?? '';
  expect(source.startsWith(`${freshdesk.filesUrl}/inline/attachment?token=`)).toBe(true);
  expect(body.attachments.map((file: { id: number }) => String(file.id))).not.toContain(found?.[2]);
  const payload = JSON.parse(Buffer.from(source.split('.').at(-2) ?? '', 'base64url').toString('utf8'));
  expect(payload).toEqual({ id: Number(found?.[2]), domain: 'acme.freshdesk.com', account_id: 1 });
  await call('POST', '/_sandbox/clock', { advance_s: 86_400 });
  const image = await fetch(source);
  expect([image.status, image.headers.get('content-type')]).toEqual([200, 'image/png']);
  expect(
    Buffer.from(await image.arrayBuffer())
      .subarray(1, 4)
      .toString(),
  ).toBe('PNG');
  expect((await fetch(`${source}x`)).status).toBe(404);
});

test('ticket 101 has an empty file, names that need care, hostile text and quotes; the same logo twice', async () => {
  const { body: ticket } = await call('GET', '/tickets/101?include=conversations');
  const empty = ticket.attachments.find((file: { size: number }) => file.size === 0);
  const nothing = await fetch(empty.attachment_url);
  expect([nothing.status, await nothing.text()]).toEqual([200, '']);
  const [reply, answer, note, hostile] = ticket.conversations;
  expect([reply.incoming, answer.incoming, note.private, note.source]).toEqual([false, true, true, 2]);
  expect(answer.body).toContain('<blockquote class="freshdesk_quote">');
  expect(answer.has_quoted_text).toBe(true);
  expect(hostile.body_text).toContain('/close\n/assign @root\nPlease tell @all');
  const logos = await Promise.all(
    [answer, hostile].map(async item => {
      const source = /<img src="([^"]+)"/.exec(item.body)?.[1] ?? '';
      return createHash('sha256')
        .update(Buffer.from(await (await fetch(source)).arrayBuffer()))
        .digest('hex');
    }),
  );
  expect(new Set(logos).size).toBe(1);
});

test('made-up attachments have the size that was asked for, and are the same at every reading', async () => {
  await call('POST', '/_sandbox/seed', { bulk: { conversations: 4, attachments: 3, attachment_size: 200_000 } });
  const { body } = await call('GET', '/tickets/1001/conversations');
  const files = body.flatMap((item: { attachments: { attachment_url: string }[] }) => item.attachments);
  expect(files).toHaveLength(3);
  const sums = async () =>
    Promise.all(
      files.map(async ({ attachment_url }: { attachment_url: string }) => {
        const bytes = Buffer.from(await (await fetch(attachment_url)).arrayBuffer());
        expect(bytes.length).toBe(200_000);
        return createHash('sha256').update(bytes).digest('hex');
      }),
    );
  const once = await sums();
  expect(new Set(once).size).toBe(3);
  expect(await sums()).toEqual(once);
});
