import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { HOSTILE } from '../../bench/escalation/hostile.ts';
import { type EscalationStage, setEscalationStage } from './escalation-stage.ts';

const PLAIN = {
  email: 'grace@northwind.example',
  status: 2,
  priority: 1,
  custom_fields: { cf_product: 'Appliance' },
};

let stage: EscalationStage;
afterEach(() => stage.close());

it('answers for its health while mails that are meant to stop it are copied, and copies them as plain text', async () => {
  stage = await setEscalationStage();
  const tickets: number[] = [];
  for (const [name, html] of Object.entries(HOSTILE)) {
    const ticket = { ...PLAIN, subject: `A mail ${name}`, description: html() };
    const made = await stage.freshdesk('POST', '/tickets', ticket);
    expect(made.status).toBe(201);
    tickets.push(made.body.id);
  }
  for (const ticket of tickets) await stage.press(ticket);
  // How quickly is measured by `npm run bench -- escalation`; here it must answer at all, from the press to the end.
  const answers: string[] = [];
  let over = false;
  const watch = (async () => {
    while (!over) {
      answers.push((await stage.ask('GET', '/healthz')).body.status);
      await sleep(5);
    }
  })();
  const views = [];
  for (const ticket of tickets) views.push(await stage.ended(ticket));
  over = true;
  await watch;
  expect(views).toMatchObject([
    { state: 'done', warnings: [] },
    { state: 'done', warnings: [] },
  ]);
  expect(answers.length).toBeGreaterThan(10);
  expect(new Set(answers)).toEqual(new Set(['ok']));
  const issues = new Map((await stage.issues()).map(issue => [issue.title, issue.description]));
  expect([...issues.keys()].toSorted()).toEqual(['A mail of 10 MB', 'A mail of 20,000 levels']);
  expect(issues.get('A mail of 10 MB')).toContain('_Shown as plain text: its HTML is too large._');
  expect(issues.get('A mail of 10 MB')).toContain('an honest line, again and again');
  expect(issues.get('A mail of 20,000 levels')).toContain('_Shown as plain text: its HTML is too deep._');
  expect(issues.get('A mail of 20,000 levels')).toContain('deep down');
});
