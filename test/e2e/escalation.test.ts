import { afterEach, describe, expect, it } from 'vitest';
import { type EscalationStage, HOOK_SECRET, setEscalationStage, UNLIMITED } from './escalation-stage.ts';

let stage: EscalationStage;
afterEach(() => stage.close());

describe('a press', () => {
  it('makes one issue with all messages and files, and a link on each side', async () => {
    stage = await setEscalationStage();
    const first = await stage.press(101);
    expect(first.status).toBe(202);
    expect(first.body).toMatchObject({ id: '101', ticket_id: 101, state: 'running', issue: null, requested_by: 'Ada' });
    const view = await stage.ended(101);

    const [issue, ...more] = await stage.issues();
    expect(more).toEqual([]);
    expect(issue).toMatchObject({
      title: 'Backup fails on network share after update to 5.4 "quota exceeded"',
      state: 'opened',
      labels: ['freshdesk'],
      confidential: true,
    });
    expect(view).toMatchObject({
      state: 'done_with_warnings',
      warnings: ['empty.txt was not copied: it is empty.'],
      issue: {
        url: issue!.web_url,
        iid: issue!.iid,
        project: 'acme/appliance',
        state: 'opened',
        labels: ['freshdesk'],
      },
      progress: { step: 'done' },
    });
    expect(issue!.description).toContain('**4/4 messages**, **6/7 files** copied.');
    expect(issue!.description).toContain(`${stage.sandbox.freshdesk.url}/a/tickets/101`);

    const notes = await stage.notes(issue!.iid);
    expect(notes.map(note => [/\*\*(.*?)\*\* \((\w+)\)/.exec(note.body)?.slice(1, 3).join(), note.internal])).toEqual([
      ['Ada Byron,agent', false],
      ['Grace Miller,customer', false],
      ['Ada Byron,agent', true],
      ['Linus Weber,customer', false],
    ]);
    const ours = (await stage.conversations(101)).filter(each => each.body.includes('Signalbox: ticket 101'));
    expect(ours).toHaveLength(1);
    expect(ours[0]).toMatchObject({ private: true });
    expect(ours[0]!.body).toContain(issue!.web_url);
    expect((await stage.freshdesk('GET', '/tickets/101')).body.tags).toEqual(['backup', 'nas', 'gitlab-issue']);
  });

  it('copies the bytes of files, the same content once', async () => {
    stage = await setEscalationStage();
    await stage.press(101);
    await stage.ended(101);
    const [issue] = await stage.issues();
    const text = [issue!.description, ...(await stage.notes(issue!.iid)).map(note => note.body)].join('\n');
    const uploads = new Set([...text.matchAll(/\(\/uploads\/([^)]+)\)/g)].map(([, path]) => path!));
    // Five contents: the logo came twice.
    expect(uploads.size).toBe(5);
    const log = [...uploads].find(path => path.endsWith('/backup.log'));
    const project = (await stage.must('GET', '/projects/acme%2Fappliance')).id as number;
    const file = await fetch(`${stage.sandbox.gitlab.url}/api/v4/projects/${project}/uploads/${log}`, {
      headers: { 'private-token': 'glpat-sandbox-admin' },
    });
    expect(await file.text()).toBe('02:00:13 write: quota exceeded (EDQUOT)\n'.repeat(200));
    const sent = (await stage.requests('gitlab')).filter(each => each.path.endsWith('/uploads'));
    expect(sent).toHaveLength(5);
  });

  it('twenty times at once and once more later makes one issue', async () => {
    stage = await setEscalationStage();
    const presses = await Promise.all(Array.from({ length: 20 }, () => stage.press(101)));
    expect(presses.filter(each => each.status === 202)).toHaveLength(1);
    expect(presses.filter(each => each.status === 200)).toHaveLength(19);
    const view = await stage.ended(101);
    const later = await stage.press(101);
    expect(later).toMatchObject({ status: 200, body: { issue: view.issue } });
    expect(await stage.issues()).toHaveLength(1);
    expect((await stage.notes(view.issue!.iid)).length).toBe(4);
    expect((await stage.conversations(101)).filter(each => each.body.includes('Signalbox'))).toHaveLength(1);
  });

  it('leaves private notes out where that is configured, and says how many', async () => {
    stage = await setEscalationStage({ settings: '  private_notes: omit\n  confidential: false\n  tag: null\n' });
    await stage.press(101);
    const view = await stage.ended(101);
    const [issue] = await stage.issues();
    expect(issue).toMatchObject({ confidential: false });
    expect(issue!.description).toContain('**3/3 messages** (1 private left out)');
    const notes = await stage.notes(view.issue!.iid);
    expect(notes).toHaveLength(3);
    expect(notes.map(note => note.body).join()).not.toContain('Do not tell the customer yet');
    expect((await stage.freshdesk('GET', '/tickets/101')).body.tags).toEqual(['backup', 'nas']);
  });

  it('of a ticket whose form refuses changes, or that is archived, is told and not held up', async () => {
    stage = await setEscalationStage();
    await Promise.all([stage.press(102), stage.press(105), stage.press(106)]);
    const refused = await stage.ended(102);
    expect(refused.state).toBe('done_with_warnings');
    expect(refused.warnings.join()).toMatch(/could not be marked.*cf_product/);
    const archived = await stage.ended(105);
    expect(archived.issue).not.toBeNull();
    expect(archived.warnings.join()).toMatch(/link could not be put on the ticket/);
    await stage.ended(106);
    expect((await stage.issues()).map(issue => issue.title)).toContain('Freshdesk ticket 106');
  });

  it.each([
    [103, 'SBX_TICKET_UNFIT'],
    [104, 'SBX_TICKET_UNFIT'],
    [9999, 'SBX_TICKET_NOT_FOUND'],
  ])('of ticket %i fails with %s, and can be repeated', async (ticket, code) => {
    stage = await setEscalationStage();
    await stage.press(ticket);
    const failed = await stage.ended(ticket);
    expect(failed).toMatchObject({ state: 'failed', issue: null, error: { code } });
    const again = await stage.press(ticket);
    expect(again).toMatchObject({ status: 200, body: { state: 'running', error: null } });
    await stage.ended(ticket);
    expect(await stage.issues()).toEqual([]);
  });

  it('with many messages packs them into few comments, in their order', async () => {
    stage = await setEscalationStage({
      sandbox: {
        freshdeskSeed: { limits: UNLIMITED, bulk: { conversations: 237, attachments: 3, attachment_size: 2000 } },
      },
    });
    // A page in the middle comes with a 429, once.
    await stage.faults('freshdesk', {
      match: { method: 'GET', path: '/conversations' },
      after: 1,
      times: 1,
      fault: { status: 429, headers: { 'retry-after': '1' }, body: 'You have exceeded the limit' },
    });
    await stage.press(1001);
    const view = await stage.ended(1001);
    expect(view).toMatchObject({ state: 'done', warnings: [] });
    const notes = await stage.notes(view.issue!.iid);
    expect(notes.length).toBeLessThan(5);
    const numbers = [
      ...notes
        .map(note => note.body)
        .join('\n')
        .matchAll(/Message (\d+) of 237/g),
    ].map(([, n]) => Number(n));
    expect(numbers).toEqual(Array.from({ length: 237 }, (_, index) => index + 1));
    expect((await stage.issues())[0]!.description).toContain('**237/237 messages**, **3/3 files** copied.');
  });
});

describe('who asks', () => {
  it('needs the token of an agent or an operator, and is no web page', async () => {
    stage = await setEscalationStage();
    const body = { ticket_id: 101 };
    expect(await stage.ask('POST', '/v1/escalations', body, null)).toMatchObject({
      status: 401,
      body: { code: 'SBX_AGENT_UNKNOWN' },
    });
    expect(await stage.ask('POST', '/v1/escalations', body, 'wrong')).toMatchObject({ status: 401 });
    expect(await stage.ask('GET', '/v1/tickets/101', undefined, stage.operatorToken)).toMatchObject({
      status: 200,
      body: { state: 'none' },
    });
    const page = await fetch(`${stage.service().url}/v1/tickets/101`, {
      headers: { authorization: `Bearer ${stage.operatorToken}`, origin: 'https://evil.example' },
    });
    expect(page.status).toBe(403);
    expect(page.headers.get('access-control-allow-origin')).toBeNull();
    const extension = await fetch(`${stage.service().url}/v1/tickets/101`, {
      headers: { authorization: `Bearer ${stage.operatorToken}`, origin: 'chrome-extension://abcdef' },
    });
    expect(extension.status).toBe(200);
    expect(await stage.issues()).toEqual([]);
  });

  it('gets states of many tickets, and 404 for an escalation that is none', async () => {
    stage = await setEscalationStage();
    await stage.press(106);
    await stage.ended(106);
    const list = await stage.ask('GET', '/v1/tickets?ids=101,106,9');
    expect(list.body.tickets.map((each: { ticket_id: number }) => each.ticket_id)).toEqual([106]);
    expect((await stage.ask('GET', '/v1/escalations/106')).body).toMatchObject({ id: '106', state: 'done' });
    expect(await stage.ask('GET', '/v1/escalations/101')).toMatchObject({
      status: 404,
      body: { code: 'SBX_ESCALATION_NOT_FOUND' },
    });
    expect((await stage.ask('GET', '/v1/tickets?ids=x')).status).toBe(400);
    expect((await stage.ask('POST', '/v1/escalations', { ticket_id: 'abc' })).status).toBe(400);
    // A word that is not known may have been meant to prevent something.
    expect((await stage.ask('POST', '/v1/escalations', { ticket_id: 102, dry_run: true })).status).toBe(400);
    expect((await stage.ask('GET', '/v1/tickets?ids=102')).body.tickets).toMatchObject([]);
  });
});

describe('a hint of Freshdesk', () => {
  it('needs its secret, and about a ticket that is not escalated changes nothing', async () => {
    stage = await setEscalationStage();
    const hint = (secret: string | null, body: unknown) =>
      fetch(`${stage.service().url}/hooks/freshdesk`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(secret !== null && { 'x-signalbox-secret': secret }) },
        body: JSON.stringify(body),
      }).then(answer => answer.status);
    expect(await hint(null, { ticket_id: 101 })).toBe(401);
    expect(await hint('wrong', { ticket_id: 101 })).toBe(401);
    expect(await hint(HOOK_SECRET, { ticket_id: '101' })).toBe(200);
    expect(await hint(HOOK_SECRET, { something: 'else' })).toBe(200);
    const key = `ticket:${new URL(stage.sandbox.freshdesk.url).host}/101`;
    await stage.until('the key is known', () =>
      stage.service().database.query.selectFrom('work').select('key').where('key', '=', key).executeTakeFirst(),
    );
    expect(await stage.issues()).toEqual([]);
  });
});
