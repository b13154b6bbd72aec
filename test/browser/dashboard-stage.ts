import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { buildWeb } from '../../scripts/build-web.ts';
import type { Stage } from '../../src/cli/demo/chapter.ts';
import { CHAPTERS } from '../../src/cli/demo/chapters.ts';
import { play } from '../../src/cli/demo/play.ts';
import { setStage } from '../../src/cli/demo/stage.ts';
import type { Role } from '../../src/service/access.ts';
import { errorsOf, launchBrowser, type TestBrowser } from '../support/browser.ts';

/** How somebody looks at the dashboard. */
export interface Look {
  role?: Role;
  width?: number;
  height?: number;
  scheme?: 'light' | 'dark';
}

export interface OpenPage {
  page: Page;
  /** Broken scripts, failed requests, and what the policy refused, since the page was opened. */
  errors: string[];
}

export interface Dashboard {
  stage: Stage;
  /** Opens a page in a browser of its own that has signed in; without a role it has not. */
  open: (path: string, look?: Look) => Promise<OpenPage>;
  /** Goes to another page of the dashboard, as by typing its address. */
  visit: (page: Page, path: string) => Promise<void>;
  close: () => Promise<void>;
}

const SCREENSHOTS = fileURLToPath(new URL('../../artifacts/screenshots/', import.meta.url));

/** The demo's sandbox and service, with its story played where it is wanted, and the dashboard in a real browser. */
export async function openDashboard({ story }: { story: boolean }): Promise<Dashboard> {
  await buildOnce();
  const stage = await setStage({ port: 0, chapters: CHAPTERS });
  if (story) await play(CHAPTERS, stage, () => undefined);
  const browsers: TestBrowser[] = [];
  const visit = async (page: Page, path: string) => {
    await page.goto(`${stage.service.url}${path}`);
    await page.locator('h1').waitFor();
  };
  return {
    stage,
    visit,
    open: async (path, { role, width = 1280, height = 900, scheme = 'light' } = {}) => {
      const browser = await launchBrowser({
        viewport: { width, height },
        colorScheme: scheme,
        reducedMotion: 'reduce',
      });
      browsers.push(browser);
      const page = await browser.page();
      const errors = errorsOf(page);
      if (role) await page.goto(await stage.service.signInLink({ name: 'ada', role }));
      if (role) await visit(page, path);
      else await page.goto(`${stage.service.url}${path}`);
      return { page, errors };
    },
    close: async () => {
      for (const browser of browsers) await browser.close();
      await stage.close();
    },
  };
}

/** Kept for people to look at; `fullPage: false` for pages that only draw what is in sight. */
export async function screenshot(page: Page, name: string, { fullPage = true } = {}): Promise<void> {
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage });
}

let built: Promise<void> | undefined;

/** The dashboard as the sources are now; once for each test process. */
function buildOnce(): Promise<void> {
  built ??= buildWeb();
  return built;
}
