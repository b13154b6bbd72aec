import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readJournal } from '../../src/engine/journal/journal.ts';
import { type Dashboard, openDashboard } from './dashboard-stage.ts';
import { ask, change, settled } from './in-page.ts';

let dashboard: Dashboard;

beforeAll(async () => {
  dashboard = await openDashboard({ story: true });
}, 120_000);
afterAll(() => dashboard.close());

const KEY = 'merge-request:acme/appliance!1';
const journal = (kind: 'operator') => readJournal(dashboard.stage.service.database.query, { kind });

async function releasePath(page: Page): Promise<string> {
  const { releases } = await ask<{ releases: { version: string }[] }>(page, '/v1/releases');
  return `/releases/appliance/${releases[0]?.version}`;
}

it('sends whoever is not signed in to the sign-in, and back to the page', async () => {
  const { page } = await dashboard.open('/journal?kind=effect');
  const address = new URL(page.url());
  expect(address.pathname).toBe('/sign-in');
  expect(address.searchParams.get('next')).toBe('/journal?kind=effect');
});

it('looks again at a key when an operator asks for it, and says who did', async () => {
  const { page, errors } = await dashboard.open(`/key/${KEY}`, { role: 'operator' });
  await page.getByRole('button', { name: 'Look again' }).click();
  const dialog = page.locator('dialog[open]');
  await dialog.getByRole('button', { name: 'Look again' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.locator('li', { hasText: 'replay' }).first().waitFor();
  const [row] = await journal('operator');
  expect(row).toMatchObject({ key: KEY, data: { replay: KEY, by: 'ada' } });
  expect(errors).toEqual([]);
});

it('promotes, with a reason, after it was asked whether it should', async () => {
  const { page } = await dashboard.open('/', { role: 'operator' });
  await dashboard.visit(page, await releasePath(page));
  await page.getByRole('button', { name: 'Promote to production' }).click();
  await page.getByLabel(/^Why/).fill('the soak test was clean');
  await page.locator('dialog').getByRole('button', { name: 'Promote to production' }).click();
  const run = page.locator('article', { hasText: 'in production' });
  await run.getByText('released', { exact: true }).waitFor();
  expect(await run.textContent()).toContain('promoted by ada: the soak test was clean');
  await dashboard.visit(page, '/releases');
  await page.locator('.station.offers').nth(1).waitFor();
  expect(await page.locator('.behind-note').count()).toBe(0);
});

it('cancels when it is not confirmed, and says what is missing when it is refused', async () => {
  const { page } = await dashboard.open('/', { role: 'operator' });
  await dashboard.visit(page, await releasePath(page));
  await page.getByRole('button', { name: 'Withdraw' }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.locator('dialog').waitFor({ state: 'detached' });
  const focused = () => page.locator(':focus').evaluate(element => element.textContent.trim());
  // Whoever works with the keyboard goes on where he was.
  await expect.poll(focused).toBe('Withdraw');
  await page.getByRole('button', { name: 'Withdraw' }).click();
  // Without a reason the browser does not even send it.
  await page.locator('dialog').getByRole('button', { name: 'Withdraw' }).click();
  expect(await page.locator('dialog[open]').count()).toBe(1);
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  await expect.poll(focused).toBe('Withdraw');
  expect(await page.getByText('withdrawn by').count()).toBe(0);
});

it('asks whether a release would be taken, and shows all faults at once', async () => {
  const { page } = await dashboard.open('/releases', { role: 'viewer' });
  await page.getByRole('button', { name: 'Preflight a release' }).click();
  await page.getByRole('button', { name: 'Check' }).click();
  await page.locator('dialog .problem li').nth(1).waitFor();
  const dialog = page.locator('dialog');
  await dialog.getByLabel('version', { exact: true }).fill('5.4.9');
  await dialog.getByLabel('line', { exact: true }).selectOption('5.4');
  await dialog.getByLabel('environment', { exact: true }).selectOption('development');
  await dialog.getByLabel('commit', { exact: true }).fill('0123abcd');
  await page.getByRole('button', { name: 'Check' }).click();
  await dialog.getByText('accepted').waitFor();
});

it('shows a viewer everything and lets him change nothing', async () => {
  const { page } = await dashboard.open(`/key/${KEY}`, { role: 'viewer' });
  await settled(page);
  expect(await page.getByRole('button', { name: 'Look again' }).count()).toBe(0);
  await dashboard.visit(page, await releasePath(page));
  await settled(page);
  expect(await page.getByRole('button', { name: 'Withdraw' }).count()).toBe(0);
  expect(await change(page, `/v1/work/${encodeURIComponent(KEY)}/replay`)).toEqual({
    status: 403,
    code: 'SBX_ROLE_TOO_LOW',
  });
});

it('takes no change from a page that cannot prove where it comes from', async () => {
  const { page } = await dashboard.open('/', { role: 'operator' });
  const path = `/v1/work/${encodeURIComponent(KEY)}/replay`;
  expect(await change(page, path, { csrf: 'guessed' })).toEqual({ status: 403, code: 'SBX_CSRF_TOKEN_WRONG' });
  expect(await change(page, path)).toEqual({ status: 202, code: null });
});

it('signs out', async () => {
  const { page } = await dashboard.open('/', { role: 'viewer' });
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in**');
  await page.goto(`${dashboard.stage.service.url}/`);
  expect(new URL(page.url()).pathname).toBe('/sign-in');
});
