import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { errorsOf, launchBrowser, type TestBrowser } from '../../../../test/support/browser.ts';
import { type SimulatedFreshdesk, startFreshdesk } from '../start-freshdesk.ts';

let freshdesk: SimulatedFreshdesk;
let browser: TestBrowser;
let page: Page;
let errors: string[];

beforeAll(async () => {
  freshdesk = await startFreshdesk();
  browser = await launchBrowser();
});
afterEach(() => page?.close());
afterAll(async () => {
  await browser?.close();
  await freshdesk.close();
});

test('the page comes empty, under a policy without inline scripts, and nobody has to sign in', async () => {
  const response = await fetch(`${freshdesk.url}/a/tickets/101`);
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
  expect(policy).not.toMatch(/script-src[^;]*unsafe/);
  const text = await response.text();
  expect(text).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=/);
  expect(text).not.toContain('page-actions__left');
  expect((await fetch(`${freshdesk.url}/a/_data/tickets/999`)).status).toBe(404);
  expect(new URL((await fetch(freshdesk.url)).url).pathname).toBe('/a/tickets');
});

const text = (selector: string) => `document.querySelector('${selector}')?.textContent`;

test('a ticket is filled in later, with the anchors; mail that means harm stays text; pictures load', async () => {
  await open('/a/tickets/101');
  await becomes(text('.breadcrumb__item.active'), '101');
  expect(await page.evaluate(text('.ticket-subject-heading'))).toContain('Backup fails');
  expect(await page.evaluate("document.querySelectorAll('.page-actions__left').length")).toBe(1);
  expect(await page.evaluate("document.querySelectorAll('.ticket_note[data-note-id]').length")).toBe(4);
  expect(await page.evaluate("document.querySelectorAll('.ticket_note script').length")).toBe(0);
  await becomes('[...document.images].map(image => image.complete && image.naturalWidth)', [320, 96, 96]);
  expect(errors).toEqual([]);
});

test('from ticket to ticket the nodes stay, and what others put there too; the address changes before the text', async () => {
  await open('/a/tickets/101');
  await becomes(text('.breadcrumb__item.active'), '101');
  await page.evaluate(`{
    window.bar = document.querySelector('.page-actions__left');
    window.heading = document.querySelector('.ticket-subject-heading');
    bar.append(Object.assign(document.createElement('b'), { id: 'foreign' }));
  }`);
  const atOnce = `(() => { document.querySelector('.next').click(); return [location.pathname, ${text('.breadcrumb__item.active')}]; })()`;
  expect(await page.evaluate(atOnce)).toEqual(['/a/tickets/102', '101']);
  await becomes(text('.breadcrumb__item.active'), '102');
  expect(await page.evaluate(text('.ticket-subject-heading'))).toBe('Licence question');
  expect(
    await page.evaluate("bar.isConnected && heading.isConnected && bar.contains(document.getElementById('foreign'))"),
  ).toBe(true);
  await page.evaluate('history.back()');
  await becomes(text('.breadcrumb__item.active'), '101');
  expect(await page.evaluate('bar.isConnected')).toBe(true);
});

test('the list has a toolbar but no subject; coming back from it, and Refresh, make the toolbar anew', async () => {
  await open('/a/dashboard');
  await becomes(text('h2'), 'Dashboard');
  await page.evaluate(`document.querySelector('.app-header a[href="/a/tickets"]').click()`);
  await becomes("document.querySelectorAll('tr[data-test-id=ticket-row]').length", 3);
  expect(await page.evaluate("document.querySelectorAll('.page-actions__left').length")).toBe(1);
  expect(await page.evaluate("document.querySelector('.ticket-subject-heading')")).toBeNull();
  await page.evaluate(`document.querySelector('a.ticket-subject[href="/a/tickets/101"]').click()`);
  await becomes(text('.breadcrumb__item.active'), '101');
  await page.evaluate(`{
    window.bar = document.querySelector('.page-actions__left');
    document.querySelector('[data-test-id=Refresh]').click();
  }`);
  expect(await page.evaluate('bar.isConnected')).toBe(false);
  expect(await page.evaluate("document.querySelectorAll('.page-actions__left').length")).toBe(1);
});

async function open(path: string): Promise<void> {
  page = await browser.page();
  errors = errorsOf(page);
  await page.goto(`${freshdesk.url}${path}`);
}

async function becomes(expression: string, value: unknown): Promise<void> {
  await vi.waitFor(async () => expect(await page.evaluate(expression)).toEqual(value), {
    timeout: 15_000,
    interval: 30,
  });
}
