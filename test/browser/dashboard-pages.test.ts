import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Dashboard, openDashboard, screenshot } from './dashboard-stage.ts';
import { ask, axeFaults, focusedId, focusedText, overhang, paperColour, settled } from './in-page.ts';
import { seedHistory } from './seed-history.ts';

let dashboard: Dashboard;
let paths: [name: string, path: string][];

beforeAll(async () => {
  dashboard = await openDashboard({ story: true });
  const { stage } = dashboard;
  // One that stays blocked, for the merge guard.
  await stage.as('developer', 'POST', '/projects/acme%2Fappliance/merge_requests', {
    source_branch: 'feature/backup-share',
    target_branch: 'release/5.3',
    title: 'Back up to a network share on 5.3, too',
  });
  const { page } = await dashboard.open('/', { role: 'viewer' });
  const { races } = await ask<{ races: { fingerprint: string }[] }>(page, '/v1/races');
  const { releases } = await ask<{ releases: { version: string }[] }>(page, '/v1/releases');
  await seedHistory(stage.service);
  paths = [
    ['now', '/'],
    ['releases', '/releases'],
    ['release', `/releases/appliance/${releases[0]?.version}`],
    ['merge-guard', '/merge-guard'],
    ['board', '/board'],
    ['escalations', '/escalations'],
    ['races', '/races'],
    ['race', `/races/${races[0]?.fingerprint}`],
    ['libraries', '/libraries'],
    ['journal', '/journal'],
    ['key', '/key/merge-request:acme/appliance!1'],
  ];
}, 120_000);
afterAll(() => dashboard.close());

/** Lists of any length draw only what is in sight. */
const WINDOWED = new Set(['races', 'journal']);
/** What the documentation shows, one window full: scripts/copy-screenshots.ts. */
const SHOWN = new Set(['now', 'releases', 'merge-guard', 'race']);

const LOOKS = [
  { width: 1280, scheme: 'light' },
  { width: 1280, scheme: 'dark' },
  { width: 390, scheme: 'light' },
  { width: 390, scheme: 'dark' },
] as const;

describe.each(LOOKS)('at $width px, $scheme', look => {
  it('every page reads well: no error, nothing wider than the screen, nothing that axe finds serious', {
    timeout: 120_000,
  }, async () => {
    const { page, errors } = await dashboard.open('/', { role: 'operator', ...look });
    const faults: string[] = [];
    for (const [name, path] of paths) {
      await dashboard.visit(page, path);
      await settled(page);
      await screenshot(page, `${name}-${look.width}-${look.scheme}`, { fullPage: !WINDOWED.has(name) });
      if (look === LOOKS[0] && SHOWN.has(name)) await screenshot(page, `shown-${name}`, { fullPage: false });
      const wide = await overhang(page);
      if (wide > 0) faults.push(`${name}: ${wide} px wider than the screen`);
      faults.push(...(await axeFaults(page)).map(fault => `${name}: ${fault}`));
    }
    expect(faults).toEqual([]);
    expect(errors).toEqual([]);
  });
});

it('each says in one line what it is for, and has a title of its own', { timeout: 60_000 }, async () => {
  const { page } = await dashboard.open('/', { role: 'viewer' });
  const titles = new Set<string>();
  for (const [, path] of paths) {
    await dashboard.visit(page, path);
    await settled(page);
    titles.add(await page.title());
    expect((await page.locator('.page-head p').textContent())?.length).toBeGreaterThan(30);
  }
  expect(titles.size).toBe(paths.length);
});

it('can be used with the keyboard alone', async () => {
  const { page } = await dashboard.open('/', { role: 'operator' });
  await page.keyboard.press('Tab');
  expect(await focusedText(page)).toBe('Skip to the page');
  await page.keyboard.press('Enter');
  expect(await focusedId(page)).toBe('content');

  await page.locator('nav a', { hasText: 'Journal' }).focus();
  await page.keyboard.press('Enter');
  await page.locator('h1', { hasText: 'Journal' }).waitFor();
  await expect.poll(() => focusedText(page), { timeout: 15_000 }).toBe('Journal');

  const row = page.locator('.journal-when').first();
  await row.focus();
  await page.keyboard.press('Enter');
  await page.locator('dialog[open]').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('dialog[open]').waitFor({ state: 'detached' });
});

it('keeps the colours that somebody has chosen', async () => {
  const { page } = await dashboard.open('/', { role: 'viewer', scheme: 'light' });
  const light = await paperColour(page);
  await page.getByLabel('Colours').selectOption('dark');
  const dark = await paperColour(page);
  expect(dark).not.toBe(light);
  await page.reload();
  await page.locator('h1').waitFor();
  expect(await paperColour(page)).toBe(dark);
});

it('on a phone, pages are chosen from a menu that closes again', async () => {
  const { page } = await dashboard.open('/', { role: 'viewer', width: 390 });
  const link = page.locator('nav a', { hasText: 'Races' });
  expect(await link.isVisible()).toBe(false);
  await page.getByRole('button', { name: 'Menu' }).click();
  await link.click();
  await page.locator('h1', { hasText: 'Races' }).waitFor();
  expect(await link.isVisible()).toBe(false);
});
