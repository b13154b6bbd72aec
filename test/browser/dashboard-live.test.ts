import { afterAll, beforeAll, expect, it } from 'vitest';
import { openLine } from './cuttable-line.ts';
import { type Dashboard, openDashboard } from './dashboard-stage.ts';
import { askedFor } from './in-page.ts';

let dashboard: Dashboard;

beforeAll(async () => {
  dashboard = await openDashboard({ story: false });
}, 120_000);
afterAll(() => dashboard.close());

const PROJECT = '/projects/acme%2Fappliance';

it('shows what happens as it happens, and keeps the counts beside the pages', async () => {
  const { stage } = dashboard;
  const { page, errors } = await dashboard.open('/', { role: 'viewer' });
  await page.getByText('● Live').waitFor();
  const created = await stage.as('developer', 'POST', `${PROJECT}/merge_requests`, {
    source_branch: 'feature/backup-share',
    target_branch: 'release/5.3',
    title: 'Back up to a network share',
  });
  const { iid } = created.body as { iid: number };
  await page.locator('.stream li', { hasText: `open a thread on acme/appliance!${iid}` }).waitFor();
  await page.locator('nav a', { hasText: 'Merge guard' }).locator('.count', { hasText: '1' }).waitFor();

  // From the moment it is written down to the moment it is read, beside all that the service does then.
  const delays: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    const key = `merge-request:acme/appliance!${iid}`;
    const shown = page.locator('.stream li', { hasText: 'replay' });
    const before = await shown.count();
    await stage.service.engine.replay(key, `turn ${turn}`);
    const written = performance.now();
    await shown.nth(before).waitFor();
    delays.push(Math.round(performance.now() - written));
  }
  console.log(`a live event is in the page after ${delays.join(', ')} ms`);
  expect(errors).toEqual([]);
});

it('holds still while somebody reads', async () => {
  const { page } = await dashboard.open('/', { role: 'viewer' });
  const rows = page.locator('.stream li');
  await rows.first().waitFor();
  await page.getByRole('button', { name: 'Hold' }).click();
  const first = await rows.first().textContent();
  const asked = await askedFor(page, '/v1/overview');
  await dashboard.stage.service.engine.replay('webhooks:acme/appliance', 'the reader');
  // It has come, and is held back.
  await expect.poll(() => askedFor(page, '/v1/overview'), { timeout: 15_000 }).toBeGreaterThan(asked);
  expect(await rows.first().textContent()).toBe(first);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.locator('.stream li', { hasText: 'the reader' }).first().waitFor();
});

it('goes on after the connection was lost, without losing a row', async () => {
  const { service } = dashboard.stage;
  const line = await openLine(service.url);
  try {
    const { page } = await dashboard.open('/', { role: 'viewer' });
    await page.goto(`${line.url}/`);
    await page.getByText('● Live').waitFor();
    line.cut();
    await page.getByText('○ Connecting').waitFor();
    await service.engine.replay('webhooks:acme/appliance', 'somebody unseen');
    line.mend();
    await page.locator('.stream li', { hasText: 'somebody unseen' }).first().waitFor();
  } finally {
    await line.close();
  }
});
