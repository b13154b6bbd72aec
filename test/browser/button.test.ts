import { mkdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type SimulatedFreshdesk, startFreshdesk } from '../../src/sandbox/freshdesk/start-freshdesk.ts';
import { errorsOf } from '../support/browser.ts';
import { type Agent, agentAt, PATIENCE } from './agent.ts';
import { launchWithScript, type ManagedBrowser } from './manager/manager.ts';
import { done, running, type StubService, startStub, TOKEN } from './stub-service.ts';

let freshdesk: SimulatedFreshdesk;
let service: StubService;
let managed: ManagedBrowser;
let errors: string[];
const pages: Page[] = [];

beforeAll(async () => {
  freshdesk = await startFreshdesk();
  service = await startStub(freshdesk.url);
  const script = await (await fetch(`${service.url}/userscript/signalbox.user.js`)).text();
  managed = await launchWithScript(script);
});
beforeEach(async () => {
  service.tickets.clear();
  service.presses.length = service.links.length = service.headers.length = 0;
  service.hold.clear();
  service.fail = undefined;
  errors = [];
  await managed.write('token', TOKEN);
});
afterEach(async () => {
  for (const page of pages.splice(0)) await page.close();
  expect(errors).toEqual([]);
});
afterAll(async () => {
  await managed?.close();
  await service?.close();
  await freshdesk?.close();
});

async function open(path: string): Promise<Agent> {
  const page = await managed.page();
  pages.push(page);
  const seen = errorsOf(page);
  errors = errors.length === 0 ? seen : errors;
  await page.goto(`${freshdesk.url}${path}`);
  return agentAt(page);
}

const ours = (page: Page, part: string) => page.locator(`signalbox-part[data-part=${part}]`).count();

async function screenshot(page: Page, name: string): Promise<void> {
  await mkdir('artifacts/screenshots', { recursive: true });
  await page.screenshot({ path: `artifacts/screenshots/${name}.png` });
}

test('press, confirm, progress, issue', async () => {
  const agent = await open('/a/tickets/101');
  await agent.press('button', 'Escalate to GitLab');
  await agent.sees('dialog', 'Escalate ticket 101 to GitLab?');
  expect(service.presses).toEqual([]);
  await screenshot(agent.page, 'button-ask');
  await agent.press('button', 'Escalate');
  await agent.sees('button', 'running …');
  service.tickets.set(101, running(101, 7, 12));
  await agent.sees('button', 'running 7/12');
  await screenshot(agent.page, 'button-running');
  service.tickets.set(101, done(101));
  const link = await agent.sees('link', 'acme/appliance#101');
  expect(await agent.linkOf(link)).toBe('https://gitlab.example.com/acme/appliance/-/issues/101');
  await agent.seesNo('button', /running|Escalate/);
  expect(service.presses).toEqual([{ ticket: 101, body: { ticket_id: 101 } }]);
  expect(await ours(agent.page, 'button')).toBe(1);
  await screenshot(agent.page, 'button-done');
});

test('debug', async () => {
  await vi.waitFor(() => expect(1).toBe(1), PATIENCE);
});
