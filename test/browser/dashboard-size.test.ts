import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { KIND } from '../../src/automations/races/store.ts';
import { goReport } from '../../src/automations/races/testing/reports.ts';
import { createDocuments } from '../../src/engine/documents/documents.ts';
import { DEFAULT_PACE } from '../../src/engine/work/back-off.ts';
import { type Dashboard, openDashboard } from './dashboard-stage.ts';
import { interaction, paints, scrollTo } from './in-page.ts';

const ROWS = 10_000;
const RACES = 2_000;
const DAY = 86_400_000;

let dashboard: Dashboard;

beforeAll(async () => {
  dashboard = await openDashboard({ story: false });
  const { database } = dashboard.stage.service;
  const documents = createDocuments({ database, pace: DEFAULT_PACE, now: Date.now, wake: () => undefined });
  const now = Date.now();
  for (let from = 0; from < ROWS; from += 1000) {
    const journal = Array.from({ length: 1000 }, (_, index) => ({
      kind: 'decision' as const,
      key: `issue:acme/appliance#${from + index}`,
      data: { automation: 'board', verdict: `in To Test, number ${from + index}`, because: ['It is there already.'] },
    }));
    await documents.submit({ journal });
  }
  const text = goReport('acme.example/pump.(*Valve).Open', 'acme.example/pump.(*Gauge).Read');
  for (let from = 0; from < RACES; from += 200) {
    const changes = Array.from({ length: 200 }, (_, offset) => {
      const index = from + offset;
      const lastAt = now - (index % 40) * DAY;
      const days = Object.fromEntries(
        Array.from({ length: 28 }, (_, day) => [
          new Date(now - day * DAY).toISOString().slice(0, 10),
          (index * day) % 9,
        ]),
      );
      return {
        kind: KIND.race,
        id: index.toString(16).padStart(32, '0'),
        body: {
          project: 'acme/appliance',
          detector: 'go',
          type: 'data race',
          title: `Data race: (*P${index}).Set ↔ Get (p)`,

          sites: ['a', 'b'],
          incomplete: false,
          confidence: 'complete',
          aliases: [],
          from: null,
          receivedAt: now,
          days,
          cells: [{ host: `box-${index % 7}`, build: '5.4.1', count: 1 + (index % 50), firstAt: lastAt - DAY, lastAt }],
          variants: Array.from({ length: 5 }, (_, id) => ({
            id: `${id}`,
            count: 1,
            confidence: 'complete',
            build: '5.4.1',
            text: text.repeat(4),
          })),
        },
      };
    });
    await documents.submit({ changes });
  }
}, 180_000);
afterAll(() => dashboard.close());

it(`goes through ${ROWS} rows of the journal with a few of them in the page`, { timeout: 120_000 }, async () => {
  const { page, errors } = await dashboard.open('/', { role: 'viewer' });
  await dashboard.visit(page, '/journal');
  const rows = page.locator('.journal-row');
  await rows.nth(10).waitFor();
  const { paint, filled } = await paints(page, '/v1/journal');
  const scrolled = await interaction(page, () => page.mouse.wheel(0, 2000));
  const opened = await interaction(page, () => page.locator('.journal-when').nth(20).click());
  await page.keyboard.press('Escape');
  const typed = await interaction(page, () => page.getByLabel('Text').pressSequentially('number 77'));
  await page.locator('.journal-row', { hasText: 'number 7777' }).waitFor();
  await page.getByLabel('Text').fill('');
  const last = page.locator('.journal-row', { hasText: 'number 0:' });
  while ((await last.count()) === 0) {
    await scrollTo(page, 'end');
    expect(await rows.count()).toBeLessThan(120);
  }
  const deep = await interaction(page, () => scrollTo(page, 'middle'));
  console.log(
    `journal of ${ROWS} rows: first paint ${paint} ms, rows ${filled} ms; scroll ${scrolled} ms, open ${opened} ms, type ${typed} ms, jump ${deep} ms`,
  );
  expect(errors).toEqual([]);
});

it(`goes through ${RACES} races with a few of them in the page`, { timeout: 120_000 }, async () => {
  const { page, errors } = await dashboard.open('/', { role: 'viewer' });
  await dashboard.visit(page, '/races');
  const rows = page.locator('.race-row');
  await rows.nth(5).waitFor();
  const { paint, filled } = await paints(page, '/v1/races?');
  await dashboard.visit(page, '/races');
  await rows.nth(5).waitFor();
  const again = await paints(page, '/v1/races?');
  const scrolled = await interaction(page, () => page.mouse.wheel(0, 3000));
  await page.getByRole('heading', { name: '2,000 races' }).waitFor();
  const seen = new Set<string>();
  for (let turn = 0; turn < 200 && !seen.has('done'); turn++) {
    await scrollTo(page, 'end');
    expect(await rows.count()).toBeLessThan(120);
    const place = await page.locator('.windowed > li').last().getAttribute('aria-posinset');
    if (place === String(RACES)) seen.add('done');
  }
  expect(seen).toContain('done');
  const filtered = await interaction(page, () => page.getByRole('button', { name: 'Issue open' }).click());
  console.log(
    `${RACES} races: first paint ${paint} ms (again ${again.paint} ms), rows ${filled} ms (again ${again.filled} ms); scroll ${scrolled} ms, filter ${filtered} ms`,
  );
  expect(errors).toEqual([]);
});

it('is under 120 KB in all, gzipped', () => {
  const directory = fileURLToPath(new URL('../../dist/web/', import.meta.url));
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  const sizes = files.map(file => gzipSync(readFileSync(join(file.parentPath, file.name)), { level: 9 }).length);
  const sum = sizes.reduce((all, size) => all + size, 0);
  console.log(`the dashboard is ${(sum / 1024).toFixed(1)} KiB gzipped, in ${files.length} files`);
  expect(files.length).toBeGreaterThan(3);
  expect(sum).toBeLessThan(120_000);
});
