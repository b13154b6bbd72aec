import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { type Service, startService } from '../../src/service/compose.ts';
import { errorsOf, launchBrowser, type TestBrowser } from '../support/browser.ts';

const TOKEN = 'a-token-for-people';
let directory: string;
let service: Service;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-page-'));
  await writeFile(join(directory, 'dash'), TOKEN);
  await writeFile(join(directory, 'oauth'), 'x');
  const file = join(directory, 'signalbox.yaml');
  const oauth =
    'gitlab_oauth: { application_id: a, secret: { file: oauth }, allowed_groups: [acme], url: "http://127.0.0.1:9" }';
  await writeFile(
    file,
    `service: { listen: "127.0.0.1:0", data_dir: data, dashboard: { token: { file: dash }, ${oauth} } }\n`,
  );
  const { settings } = await loadConfig(file, { environment: {} });
  service = await startService({ settings, environment: {}, writeLog: () => undefined });
});
afterAll(async () => {
  await service.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Serious faults in accessibility, by axe. */
async function seriousFaults(page: Page): Promise<string[]> {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  // Through the debugger: the page's own policy lets no script run.
  const results = (await page.evaluate(`${axe}; axe.run()`)) as {
    violations: { id: string; impact: string; nodes: { html: string }[] }[];
  };
  return results.violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html}`);
}

describe.each([
  { width: 1280, height: 800, colorScheme: 'light' as const },
  { width: 390, height: 844, colorScheme: 'dark' as const },
])('the sign-in page at $width px, $colorScheme', ({ width, height, colorScheme }) => {
  let browser: TestBrowser;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    browser = await launchBrowser({ viewport: { width, height }, colorScheme });
    page = await browser.page();
    errors = errorsOf(page);
  });
  afterAll(() => browser.close());

  it('reads well: nothing sticks out, nothing is missing to anybody, and its policy refuses nothing of it', async () => {
    await page.goto(`${service.url}/sign-in`);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    expect(await page.getByRole('heading', { name: 'Signalbox' }).isVisible()).toBe(true);
    const background = (await page.evaluate('getComputedStyle(document.body).backgroundColor')) as string;
    const [red = 0] = /\d+/.exec(background)?.map(Number) ?? [];
    expect(red < 128).toBe(colorScheme === 'dark');
    expect(await seriousFaults(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.screenshot({ path: `artifacts/sign-in-${width}-${colorScheme}.png` });
  });

  it('says what was wrong, and signs in with the keyboard alone', async () => {
    await page.goto(`${service.url}/sign-in`);
    const field = page.getByLabel('Token');
    await field.fill('wrong');
    await field.press('Enter');
    expect(await page.getByRole('alert').textContent()).toContain('the token is not right');
    expect(await seriousFaults(page)).toEqual([]);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type(TOKEN);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${service.url}/`);
    expect((await page.context().cookies()).find(({ name }) => name === 'signalbox-session')).toMatchObject({
      httpOnly: true,
      sameSite: 'Lax',
    });
    expect(await page.evaluate('document.cookie')).toBe('');
    await page.context().clearCookies();
  });
});
