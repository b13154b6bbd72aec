import { createHash } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type EscalationStage, HOOK_SECRET, PROJECT, setEscalationStage } from './escalation-stage.ts';

// Two simulators, a service and its threads each: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 });

const RELEASE_SECRET = 'a-release-secret-of-the-tests-only';
const PENDING = 3;
const OPEN = 2;
const CLOSED = 5;

let stage: EscalationStage;
let directory: string;
let iid: number;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-return-'));
  await writeFile(join(directory, 'secret'), RELEASE_SECRET, { mode: 0o600 });
  await writeFile(join(directory, 'release.sh'), '#!/bin/sh\nexit 0\n');
  await chmod(join(directory, 'release.sh'), 0o755);
  stage = await setEscalationStage({
    settings: `  follow: true
  return: { status_field: cf_dev_status }
releases:
  products:
    appliance:
      credentials: [ { name: ci, secret: { file: ${directory}/secret } } ]
      metadata: { commit: optional }
      environments: [development, production]
      script: ${directory}/release.sh`,
  });
  await stage.must('POST', `${PROJECT}/hooks`, {
    url: `${stage.service().url}/hooks/gitlab`,
    token: 'a-gitlab-secret-of-the-tests-only',
    push_events: false,
    issues_events: true,
    confidential_issues_events: true,
    note_events: true,
    confidential_note_events: true,
  });
  await stage.press(101);
  iid = (await stage.ended(101)).issue!.iid;
});

afterEach(async () => {
  await stage.close();
  await rm(directory, { recursive: true, force: true });
});

const ticket = async (id = 101) => (await stage.freshdesk('GET', `/tickets/${id}`)).body;
const setTicket = (changes: object, id = 101) => stage.freshdesk('PUT', `/tickets/${id}`, changes);
const edit = (changes: object) => stage.must('PUT', `${PROJECT}/issues/${iid}`, changes);
const hint = (id = 101) =>
  fetch(`${stage.service().url}/hooks/freshdesk`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-signalbox-secret': HOOK_SECRET },
    body: JSON.stringify({ ticket_id: id }),
  });
const domain = () => new URL(stage.sandbox.freshdesk.url).host;
const replay = (key: string) =>
  stage.ask('POST', `/v1/work/${encodeURIComponent(key)}/replay`, {}, stage.operatorToken);
const lookAtTicket = () => replay(`ticket:${domain()}/101`);

async function ourNotes(id = 101): Promise<string[]> {
  return (await stage.conversations(id))
    .filter(each => each.body.includes(`Signalbox: ticket ${id} is`))
    .map(each => each.body);
}

async function noteSays(text: string | RegExp, id = 101): Promise<string> {
  return stage.until(`our note on ticket ${id} says ${text}`, async () => {
    const notes = await ourNotes(id);
    expect(notes).toHaveLength(1);
    return (typeof text === 'string' ? notes[0]!.includes(text) : text.test(notes[0]!)) && notes[0];
  });
}

describe('the issue', () => {
  it('comes back to the ticket in one note, a field, and a status when it is closed', async () => {
    await stage.until('the field is set', async () => (await ticket()).custom_fields.cf_dev_status === 'Open');
    await edit({ add_labels: 'In Review' });
    await noteSays(/open · .*In Review/);
    await stage.until('the field follows', async () => (await ticket()).custom_fields.cf_dev_status === 'In Review');
    expect((await stage.view(101)).issue).toMatchObject({
      state: 'opened',
      labels: expect.arrayContaining(['In Review']),
    });

    const { id } = await stage.must('POST', `${PROJECT}/milestones`, { title: '5.4.2', due_date: '2026-12-24' });
    await edit({ milestone_id: id });
    await noteSays('Milestone: 5.4.2 (due 2026-12-24)');

    await setTicket({ status: PENDING });
    await edit({ state_event: 'close' });
    await noteSays(/\(closed · .*Closed on 20\d\d-/);
    await stage.until('it is the agent’s turn', async () => (await ticket()).status === OPEN);
    await stage.until('the field says it', async () => (await ticket()).custom_fields.cf_dev_status === 'Closed');

    // Once for each closing: what support does afterwards stays.
    await setTicket({ status: PENDING });
    await edit({ title: 'Another title' });
    await edit({ add_labels: 'Testing' });
    await noteSays('Testing');
    expect((await ticket()).status).toBe(PENDING);

    await edit({ state_event: 'reopen' });
    await noteSays(/\(open · /);
    await edit({ state_event: 'close' });
    await stage.until('the second closing counts as well', async () => (await ticket()).status === OPEN);
  });

  it('gets a new note where somebody has deleted ours, and says so where there is no ticket for one', async () => {
    const ours = async () =>
      (await stage.conversations(101)).filter(each => each.body.includes('Signalbox: ticket 101 is'));
    const [before] = await ours();
    await stage.freshdesk('DELETE', `/conversations/${before!.id}`);
    await edit({ state_event: 'close' });
    const [after] = await stage.until('there is a note again', async () => {
      const notes = await ours();
      return notes.length > 0 && notes;
    });
    expect(after!.body).toContain('Closed on');
    await edit({ add_labels: 'Testing' });
    await noteSays('Testing');
    expect((await ours()).map(each => each.id)).toEqual([after!.id]);

    await stage.freshdesk('DELETE', `/conversations/${after!.id}`);
    const fault = { match: { method: 'POST', path: '/tickets/:id/notes' }, times: 1, fault: { status: 405 } };
    await stage.faults('freshdesk', fault);
    await edit({ add_labels: 'In Review' });
    const warned = await stage.until('it is told', async () => {
      const view = await stage.view(101);
      return view.warnings.some(each => each.startsWith('The link could not be put on the ticket again')) && view;
    });
    expect(warned.state).toBe('done_with_warnings');
  });

  it('leaves a ticket closed that support has closed', async () => {
    await setTicket({ status: CLOSED });
    await edit({ state_event: 'close' });
    await noteSays('Closed on');
    expect((await ticket()).status).toBe(CLOSED);
  });

  it('is found by the nightly look when webhooks were lost', async () => {
    await stage.faults('gitlab', { match: {}, fault: { drop_webhooks: 1 } });
    await edit({ add_labels: 'To Test' });
    expect((await replay(`escalation-night:${domain()}`)).status).toBeLessThan(300);
    await noteSays('To Test');
  });

  it('that is moved takes its tickets with it; that is deleted is told', async () => {
    const { id } = await stage.must('GET', '/projects/acme%2Flib-ssh');
    const moved = await stage.must('POST', `${PROJECT}/issues/${iid}/move`, { to_project_id: id });
    await noteSays(`acme/lib-ssh#${moved.iid}`);
    expect((await stage.view(101)).issue).toMatchObject({ project: 'acme/lib-ssh', iid: moved.iid, state: 'opened' });
    await stage.must('DELETE', `/projects/acme%2Flib-ssh/issues/${moved.iid}`);
    await replay(`escalated-issue:acme/lib-ssh#${moved.iid}`);
    await noteSays('not there any more');
  });
});

describe('comments for the support', () => {
  const copies = async () => (await stage.conversations(101)).filter(each => each.body.includes('Signalbox: comment'));

  it('are copied once, edited with the original, and withdrawn with it; all others stay in GitLab', async () => {
    await stage.must('POST', `${PROJECT}/issues/${iid}/notes`, { body: 'Looks like the quota again.' });
    const text = 'support: Which <b>version</b> of the NAS?\nAnd @all?';
    const note = await stage.must('POST', `${PROJECT}/issues/${iid}/notes`, { body: text });
    const [copy] = await stage.until('it is copied', async () => {
      const made = await copies();
      return made.length > 0 && made;
    });
    expect(copy).toMatchObject({ private: true });
    expect(copy!.body).toContain('Which &#60;b&#62;version');
    expect(copy!.body).not.toContain('support:');

    await stage.must('PUT', `${PROJECT}/issues/${iid}/notes/${note.id}`, { body: 'Support: Which firmware?' });
    await stage.until('the copy follows', async () => (await copies())[0]!.body.includes('Which firmware?'));
    await stage.must('DELETE', `${PROJECT}/issues/${iid}/notes/${note.id}`);
    await replay(`escalated-issue:acme/appliance#${iid}`);
    await stage.until('it is withdrawn', async () => (await copies())[0]!.body.includes('was withdrawn'));
    expect(await copies()).toHaveLength(1);
  });

  it('are copied once although the answer was lost', async () => {
    const fault = { match: { method: 'POST', path: '/tickets/:id/notes' }, times: 1, fault: { commit_then: 502 } };
    await stage.faults('freshdesk', fault);
    await stage.must('POST', `${PROJECT}/issues/${iid}/notes`, { body: 'support: Which version?' });
    await stage.until('it is recorded', async () => {
      const query = stage
        .service()
        .database.query.selectFrom('documents')
        .select('body')
        .where('kind', '=', 'escalation-return');
      return (await query.executeTakeFirst())?.body.includes('conversation');
    });
    expect(await copies()).toHaveLength(1);
  });

  it('do not go round: neither is a copy copied back, nor a customer’s words', async () => {
    await stage.must('POST', `${PROJECT}/issues/${iid}/notes`, { body: 'support: Which version?' });
    await stage.until('it is copied', async () => (await copies()).length === 1);
    await stage.freshdesk('POST', '/_sandbox/mail', { ticket_id: 101, body: '<p>support: /close @all</p>' });
    await lookAtTicket();
    await stage.until('the mail follows', async () =>
      (await stage.notes(iid)).some(note => note.body.includes('support: /close \\@all')),
    );
    await stage.sandbox.settled();
    await replay(`escalated-issue:acme/appliance#${iid}`);
    await edit({ add_labels: 'Testing' });
    await noteSays('Testing');
    expect(await copies()).toHaveLength(1);
    const bodies = (await stage.notes(iid)).map(note => note.body);
    expect(bodies.filter(body => body.includes('Which version?'))).toEqual(['support: Which version?']);
  });
});

describe('later messages', () => {
  it('follow when that was asked for; edited ones are revised, deleted ones taken back', async () => {
    const before = (await stage.notes(iid)).length;
    await stage.freshdesk('POST', '/_sandbox/mail', { ticket_id: 101, body: '<p>It happens <b>again</b>.</p>' });
    const made = (
      await stage.freshdesk('POST', '/tickets/101/notes', {
        body: '<p>First thought, password: hunter2</p>',
        private: true,
      })
    ).body;
    expect((await hint()).status).toBe(200);
    await lookAtTicket();
    const [mail, thought] = await stage.until('both follow', async () => {
      const now = (await stage.notes(iid)).slice(before);
      return now.length >= 2 && now;
    });
    expect(mail!.body).toContain('It happens **again**.');
    expect(thought!.body).toContain('password: \\[password removed\\]');
    expect(thought).toMatchObject({ internal: true });

    await stage.freshdesk('PUT', `/conversations/${made.id}`, { body: '<p>Second thought</p>' });
    await lookAtTicket();
    const revised = await stage.until('the comment is revised', async () =>
      (await stage.notes(iid)).find(note => note.id === thought!.id && note.body.includes('Second thought')),
    );
    expect(revised.body).toContain('(edited)');
    expect(revised.body).not.toContain('First thought');

    await stage.freshdesk('DELETE', `/conversations/${made.id}`);
    await lookAtTicket();
    await stage.until('it is taken back', async () =>
      (await stage.notes(iid)).find(
        note =>
          note.id === thought!.id &&
          note.body.includes('deleted in Freshdesk') &&
          !note.body.includes('Second thought'),
      ),
    );
    expect((await stage.notes(iid)).length).toBe(before + 2);
    const edits = (await stage.requests('gitlab')).filter(
      each => each.method === 'PUT' && each.path.includes(`/notes/${thought!.id}`),
    );
    await lookAtTicket();
    await edit({ add_labels: 'Testing' });
    await noteSays('Testing');
    expect(
      (await stage.requests('gitlab')).filter(
        each => each.method === 'PUT' && each.path.includes(`/notes/${thought!.id}`),
      ),
    ).toHaveLength(edits.length);
  });
});

describe('several tickets', () => {
  it('of one issue all get what comes back, and stand on the issue with their customers', async () => {
    const issue = (await stage.view(101)).issue!;
    const answer = await stage.ask('POST', '/v1/escalations/106/link', { issue: issue.url });
    expect(answer.status).toBe(202);
    await stage.ended(106);
    const list = await stage.until('the customers are listed', async () =>
      (await stage.notes(iid)).find(note => note.body.includes('**2 tickets** of customers')),
    );
    expect(list.body).toContain('/a/tickets/101');
    expect(list.body).toContain('/a/tickets/106');
    expect(list.body).toContain('Grace Miller');
    await edit({ add_labels: 'In Development' });
    await noteSays('In Development');
    await noteSays('In Development', 106);
    expect((await stage.notes(iid)).filter(note => note.body.includes('tickets** of customers'))).toHaveLength(1);
  });
});

describe('a release with the fix in it', () => {
  it('is told on the ticket, in each environment, and makes it the agent’s turn in production', async () => {
    const made = await stage.must('POST', `${PROJECT}/merge_requests`, {
      source_branch: 'fix/backup',
      target_branch: 'main',
      title: 'Fix the backup',
      description: `Closes #${iid}`,
    });
    await stage.sandbox.settled();
    const before = (await stage.must('GET', `${PROJECT}/repository/branches/main`)).commit.id as string;
    await stage.must('PUT', `${PROJECT}/merge_requests/${made.iid}/merge`);
    await stage.sandbox.settled();
    const after = (await stage.must('GET', `${PROJECT}/repository/branches/main`)).commit.id as string;
    expect(after).not.toBe(before);
    await noteSays(/closed.*appliance!\d+ was merged into main on /);
    await setTicket({ status: PENDING });

    await publish('5.5.1', 'development', before);
    await publish('5.5.2', 'development', after);
    await replay(`escalation-releases:${domain()}`);
    const note = await noteSays('Fix shipped in appliance 5.5.2 (development, ');
    expect(note).not.toContain('5.5.1');
    expect((await ticket()).status).toBe(PENDING);

    await publish('5.5.3', 'production', after);
    await replay(`escalation-releases:${domain()}`);
    await noteSays('Fix shipped in appliance 5.5.3 (production, ');
    await stage.until('it is the agent’s turn', async () => (await ticket()).status === OPEN);
    await stage.until(
      'the field says it',
      async () => (await ticket()).custom_fields.cf_dev_status === 'Released 5.5.3',
    );
  });
});

async function publish(version: string, environment: string, commit: string): Promise<void> {
  const body = gzipSync(Buffer.from(version.repeat(100)));
  const answer = await fetch(`${stage.service().url}/v1/releases/appliance/${version}`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${RELEASE_SECRET}`,
      'content-type': 'application/gzip',
      'x-release-line': '5.5',
      'x-release-environment': environment,
      'x-release-commit': commit,
      'repr-digest': `sha-256=:${createHash('sha256').update(body).digest('base64')}:`,
      prefer: 'wait=30',
    },
    body,
  });
  expect(await answer.json()).toMatchObject({ state: 'released' });
}
