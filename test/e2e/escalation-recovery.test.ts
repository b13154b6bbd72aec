import { afterEach, expect, it } from 'vitest';
import { type EscalationStage, setEscalationStage, UNLIMITED } from './escalation-stage.ts';

let stage: EscalationStage;
afterEach(() => stage.close());

const domain = () => new URL(stage.sandbox.freshdesk.url).host;

it('knows after the loss of its database what is escalated, from the markers', async () => {
  stage = await setEscalationStage();
  await Promise.all([stage.press(101), stage.press(106)]);
  const before = await stage.ended(101);
  await stage.ended(106);
  await stage.loseDatabase();
  await stage.service().engine.replay('escalation-index:acme/appliance', 'a test');
  const after = await stage.until('the ticket is known', async () => {
    const view = await stage.view(101);
    return view.state === 'none' ? null : view;
  });
  expect(after).toMatchObject({ state: 'done', issue: before.issue });
  expect((await stage.press(101)).status).toBe(200);
  // The note on the ticket and the comments are found as well.
  await stage.until('what was written is taken up', async () => {
    const rows = await stage.service().database.query.selectFrom('documents').select(['kind', 'id', 'body']).execute();
    const document = rows.find(row => row.kind === 'escalation' && row.id === `${domain()}/101`);
    const { note, rebuilt } = JSON.parse(document?.body ?? '{}') as { note: unknown; rebuilt: boolean };
    return (
      note !== null &&
      !rebuilt &&
      rows.filter(row => row.kind === 'escalation-message' && row.id.startsWith(`${domain()}/101/`)).length === 4
    );
  });
  expect(await stage.issues()).toHaveLength(2);
  expect(await stage.notes(before.issue!.iid)).toHaveLength(4);
  expect((await stage.conversations(101)).filter(each => each.body.includes('Signalbox'))).toHaveLength(1);
});

it('makes no second issue even when somebody presses before that', async () => {
  stage = await setEscalationStage();
  await stage.press(101);
  const before = await stage.ended(101);
  // The issue itself has to be found: nothing on the ticket says that there is one.
  await stage.freshdesk('PUT', '/tickets/101', { tags: [] });
  // Whoever is quicker than the start finds the index missing.
  await stage.faults('gitlab', {
    match: { method: 'GET', path: '/api/v4/projects/acme%2Fappliance/issues' },
    times: 3,
    fault: { status: 503 },
  });
  await stage.loseDatabase();
  await stage.press(101);
  const after = await stage.ended(101);
  expect(after.issue).toEqual(before.issue);
  expect(await stage.issues()).toHaveLength(1);
  expect(await stage.notes(before.issue!.iid)).toHaveLength(4);
  expect((await stage.conversations(101)).filter(each => each.body.includes('Signalbox'))).toHaveLength(1);
});

it('finds a linked issue again by our note on the ticket, and believes no note without our comment on the issue', async () => {
  stage = await setEscalationStage();
  const there = await stage.must('POST', '/projects/acme%2Flib-ssh/issues', { title: 'Known' }, 'developer');
  const link = () => stage.ask('POST', '/v1/escalations/101/link', { issue: there.web_url });
  await link();
  await stage.ended(101);
  const notesThere = async () =>
    ((await stage.must('GET', `/projects/acme%2Flib-ssh/issues/${there.iid}/notes`)) as { system: boolean }[]).filter(
      note => !note.system,
    ).length;
  const before = await notesThere();
  await stage.loseDatabase();
  await stage.press(101);
  expect(await stage.ended(101)).toMatchObject({
    issue: { project: 'acme/lib-ssh', iid: there.iid },
    warnings: expect.arrayContaining([expect.stringContaining('is not confidential')]),
  });
  await stage.loseDatabase();
  await link();
  await stage.ended(101);
  expect(await stage.issues()).toEqual([]);
  expect(await notesThere()).toBe(before);
  expect((await stage.conversations(101)).filter(each => each.body.includes('Signalbox'))).toHaveLength(1);

  const body = `<div>Signalbox: ticket 106 is acme/lib-ssh#${there.iid}</div>`;
  await stage.freshdesk('POST', '/tickets/106/notes', { body, private: true });
  await stage.freshdesk('PUT', '/tickets/106', { tags: ['gitlab-issue'] });
  await stage.press(106);
  expect(await stage.ended(106)).toMatchObject({ issue: { project: 'acme/appliance' } });
});

it('goes on where it stood when the service was stopped in the middle', async () => {
  stage = await setEscalationStage({
    sandbox: {
      freshdeskSeed: { limits: UNLIMITED, bulk: { conversations: 12, attachments: 4, attachment_size: 5000 } },
    },
  });
  await stage.faults('gitlab', {
    match: { method: 'POST', path: '/notes' },
    after: 5,
    times: 2,
    fault: { status: 503 },
  });
  await stage.press(1001);
  await stage.until('some comments are there', async () => {
    const { issue } = await stage.view(1001);
    return issue !== null && (await stage.notes(issue.iid)).length >= 5;
  });
  await stage.restart();
  const view = await stage.ended(1001);
  expect(view.state).toBe('done');
  const notes = await stage.notes(view.issue!.iid);
  const numbers = notes.map(note => Number(/Message (\d+) of/.exec(note.body)?.[1]));
  expect(numbers).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
});

it('leaves a description alone that somebody has edited meanwhile', async () => {
  stage = await setEscalationStage();
  await stage.faults('freshdesk', {
    match: { method: 'GET', path: '/conversations' },
    times: 3,
    fault: { status: 503 },
  });
  await stage.press(101);
  const issue = await stage.until('the issue is there', async () => (await stage.view(101)).issue);
  await stage.must('PUT', `/projects/acme%2Fappliance/issues/${issue.iid}`, { description: 'My own words.' });
  const view = await stage.ended(101);
  expect(view.warnings).toContain('The description was edited meanwhile and was left as it is.');
  expect((await stage.issues())[0]!.description).toBe('My own words.');
});

it('adds later messages only where that was asked for', async () => {
  stage = await setEscalationStage();
  await Promise.all([stage.press(101, { follow: true }), stage.press(102)]);
  const [first, second] = [await stage.ended(101), await stage.ended(102)];
  for (const ticket_id of [101, 102]) {
    await stage.freshdesk('POST', '/_sandbox/mail', {
      ticket_id,
      body: '<div>One thing more.</div>',
      attachments: [{ name: 'more.txt', content: 'more' }],
    });
    await stage.service().engine.replay(`ticket:${domain()}/${ticket_id}`, 'a test');
  }
  await stage.until('the later message is there', async () => (await stage.notes(first.issue!.iid)).length === 5);
  const added = (await stage.notes(first.issue!.iid)).at(-1)!;
  expect(added.body).toContain('One thing more.');
  expect(added.body).toMatch(/\[more\.txt\]\(\/uploads\//);
  expect(await stage.notes(second.issue!.iid)).toHaveLength(1);
});

it('belongs to an issue that was there already when it is linked', async () => {
  stage = await setEscalationStage();
  const there = await stage.must(
    'POST',
    '/projects/acme%2Fappliance/issues',
    { title: 'Quota counts snapshots', description: 'Known.' },
    'developer',
  );
  const linked = await stage.ask('POST', '/v1/escalations/101/link', { issue: `acme/appliance#${there.iid}` });
  expect(linked).toMatchObject({ status: 202, body: { state: 'running', issue: { iid: there.iid } } });
  await stage.ask('POST', '/v1/escalations/106/link', { issue: there.web_url });
  const view = await stage.ended(101);
  await stage.ended(106);
  expect(view.issue!.url).toBe(there.web_url);
  // Ours would have been confidential.
  const warning = `acme/appliance#${there.iid} is not confidential: whoever may read it can read what the customer writes.`;
  expect(view).toMatchObject({ state: 'done_with_warnings', warnings: expect.arrayContaining([warning]) });
  expect((await stage.conversations(101)).map(each => each.body).join()).toContain(warning);
  // The ticket's own text comes as a comment; the description is not ours.
  const copies = (await stage.notes(there.iid)).filter(note => note.body.includes('signalbox:escalation-comment'));
  expect(copies).toHaveLength(6);
  expect((await stage.must('GET', `/projects/acme%2Fappliance/issues/${there.iid}`)).description).toBe('Known.');
  expect(await stage.issues()).toEqual([]);
  const other = await stage.ask('POST', '/v1/escalations/101/link', { issue: 'acme/appliance#1' });
  expect(other).toMatchObject({ status: 409, body: { code: 'SBX_ESCALATION_OTHER_ISSUE' } });
  expect((await stage.ask('POST', '/v1/escalations/102/link', { issue: 'acme/appliance#999' })).status).toBe(404);
  const mistyped = await stage.ask('POST', '/v1/escalations/107/link', { issue: there.web_url });
  expect(mistyped).toMatchObject({ status: 404, body: { code: 'SBX_TICKET_NOT_FOUND' } });
  expect(await stage.view(107)).toMatchObject({ state: 'none' });
});

it('shows before what it would make, and makes that', async () => {
  stage = await setEscalationStage();
  const preview = await stage.ask('POST', '/v1/escalations/preview', { ticket_id: 101 });
  expect(preview.status).toBe(200);
  expect(await stage.issues()).toEqual([]);
  await stage.press(101);
  await stage.ended(101);
  const [issue] = await stage.issues();
  expect(preview.body.title).toBe(issue!.title);
  const notes = await stage.notes(issue!.iid);
  expect(preview.body.comments).toHaveLength(notes.length);
  // But for the places of files, which do not exist before.
  const plain = (text: string) =>
    text
      .replace(/!\[([^\]]*)\]\(\/uploads\/[^)]*\)/g, '(image: $1)')
      .replace(/\[([^\]]*)\]\(\/uploads\/[^)]*\)/g, '$1');
  expect(
    (preview.body.comments as { body: string; internal: boolean }[]).map(each => [plain(each.body), each.internal]),
  ).toEqual(notes.map(note => [plain(note.body), note.internal]));
  // The description is what the issue begins with, and its table at the end has the same files by the same names.
  const textOf = (description: string) => plain(description).split('\n---\n').slice(0, -1);
  expect(textOf(preview.body.description)).toEqual(textOf(issue!.description));
  expect(preview.body.description).toContain('(image: image-1.png)');
  const table = plain(issue!.description.split('\n---\n').at(-1)!);
  for (const { name, copied, reason } of preview.body.files as { name: string; copied: boolean; reason: string }[]) {
    const rows = table.split('\n').filter(row => row.includes(name.replaceAll('_', '\\_')));
    expect(rows).toEqual(expect.arrayContaining([expect.stringContaining(copied ? ' (' : `not copied: ${reason}`)]));
  }
});
