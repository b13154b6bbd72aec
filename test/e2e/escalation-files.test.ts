import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { type EscalationStage, setEscalationStage, UNLIMITED } from './escalation-stage.ts';

let stage: EscalationStage;
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await stage.close();
});

const bulk = (conversations: number, attachments: number, attachment_size: number) => ({
  freshdeskSeed: { limits: UNLIMITED, bulk: { conversations, attachments, attachment_size } },
});

it('takes addresses that have died for what they are, and reads the ticket again', async () => {
  stage = await setEscalationStage({
    sandbox: bulk(2, 2, 3000),
  });
  // As S3 answers when the five minutes are over.
  await stage.faults('freshdesk', {
    match: { method: 'GET', path: 'capture-1.bin' },
    times: 1,
    fault: { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' },
  });
  await stage.press(1001);
  const view = await stage.ended(1001);
  expect(view).toMatchObject({ state: 'done', warnings: [] });
  const reads = (await stage.requests('freshdesk')).filter(each => each.path.includes('capture-1.bin'));
  expect(reads.map(each => each.status)).toEqual([403, 200]);
  const lists = (await stage.requests('freshdesk')).filter(each => each.path.endsWith('/conversations'));
  expect(lists).toHaveLength(2);
});

it('never shows its key to the host of the files', async () => {
  stage = await setEscalationStage();
  await stage.press(101);
  await stage.ended(101);
  const files = (await stage.requests('freshdesk')).filter(each => !each.path.startsWith('/api/'));
  expect(files.length).toBeGreaterThan(4);
  expect(files.filter(each => each.headers['authorization'] !== undefined)).toEqual([]);
});

it('tells of each file that cannot be copied, and copies the others', async () => {
  stage = await setEscalationStage({ sandbox: bulk(3, 6, 4000) });
  const gone = { status: 404, body: '' };
  await stage.faults('freshdesk', { match: { path: 'capture-1.bin' }, fault: gone });
  await stage.faults('freshdesk', { match: { path: 'capture-2.bin' }, fault: { status: 403, body: '' } });
  await stage.faults('gitlab', {
    match: { method: 'POST', path: '/uploads' },
    after: 0,
    times: 1,
    fault: { status: 413, body: { message: '413 Request Entity Too Large' } },
  });
  await stage.press(1001);
  const view = await stage.ended(1001);
  expect(view.state).toBe('done_with_warnings');
  expect(view.warnings).toHaveLength(3);
  expect(view.warnings.join('\n')).toMatch(/capture-1\.bin was not copied: Freshdesk's files answer 404/);
  expect(view.warnings.join('\n')).toMatch(/was not copied: Freshdesk's files answer 403/);
  expect(view.warnings.join('\n')).toMatch(/was not copied: GitLab takes no file of this size/);
  const [issue] = await stage.issues();
  expect(issue!.description).toContain('**3/3 messages**, **3/6 files** copied.');
  const ours = (await stage.conversations(1001)).filter(each => each.body.includes('Signalbox: ticket 1001'));
  expect(ours).toHaveLength(1);
  expect(ours[0]!.body).toContain('capture-1.bin was not copied');
});

it('asks no host that a mail names', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end('secret');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  const victim = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  stage = await setEscalationStage();
  const images = [
    `${victim}/admin`,
    'http://169.254.169.254/latest/meta-data/',
    'http://[::1]/inline/attachment?token=x',
    'https://10.0.0.1/inline/attachment?token=x',
  ];
  const body = images.map(url => `<img src="${url}">`).join('');
  const answer = await stage.freshdesk('POST', '/_sandbox/mail', {
    ticket_id: 101,
    body: `<div>Look:${body}</div>`,
    attachments: [],
  });
  expect(answer.status).toBeLessThan(300);
  await stage.press(101);
  await stage.ended(101);
  expect(asked).toEqual([]);
  const [issue] = await stage.issues();
  expect(await stage.notes(issue!.iid)).toHaveLength(5);
});

it('begins a download or upload that broke off again', async () => {
  stage = await setEscalationStage({ sandbox: bulk(4, 4, 3 * 1024 * 1024) });
  await stage.faults('freshdesk', { match: { path: 'capture-1.bin' }, times: 2, fault: { reset: 'before' } });
  await stage.faults('gitlab', { match: { method: 'POST', path: '/uploads' }, times: 2, fault: { reset: 'after' } });
  await stage.press(1001);
  expect(await stage.ended(1001)).toMatchObject({ state: 'done', warnings: [] });
});
