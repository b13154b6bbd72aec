import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { buildWeb } from '../../scripts/build-web.ts';
import { CHAPTERS } from '../../src/cli/demo/chapters.ts';
import { play } from '../../src/cli/demo/play.ts';
import { type Stage, setStage } from '../../src/cli/demo/stage.ts';
import { launchBrowser, type TestBrowser } from '../support/browser.ts';

export interface Dashboard {
  stage: Stage;
  /** Of an operator. */
  token: string;
  /** Opens a page in a browser that is signed in. */
  open: (path: string, look?: Look) => Promise<Page>;
  close: () => Promise<void>;
}

export interface Look {
  width?: number;
  height?: number;
  scheme?: 'light' | 'dark';
}

const SCREENSHOTS = fileURLToPath(new URL('../../artifacts/screenshots/', import.meta.url));

/** The demo's sandbox and service, with its story played unless told otherwise, and the dashboard in a real browser. */
export async function openDashboard({ story = true }: { story?: boolean } = {}): Promise<Dashboard> {
  await buildOnce();
  const stage = await setStage({ port: 0, chapters: CHAPTERS });
  if (story) await play(CHAPTERS, stage, () => undefined);
  const { token } = JSON.parse(await readFile(join(stage.directory, 'data', 'control.json'), 'utf8')) as {
    token: string;
  };
  const browsers: TestBrowser[] = [];
  return {
    stage,
    token,
    open: async (path, { width = 1280, height = 900, scheme = 'light' } = {}) => {
      const browser = await launchBrowser({
        viewport: { width, height },
        colorScheme: scheme,
        reducedMotion: 'reduce',
      });
      browsers.push(browser);
      await browser.context.setExtraHTTPHeaders({ authorization: `Bearer ${token}` });
      const page = await browser.page();
      await page.goto(`${stage.service.url}${path}`);
      return page;
    },
    close: async () => {
      for (const browser of browsers) await browser.close();
      await stage.close();
    },
  };
}

export async function screenshot(page: Page, name: string, fullPage = true): Promise<void> {
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage });
}

let built: Promise<void> | undefined;

/** The dashboard as the sources are now; once for each test process. */
function buildOnce(): Promise<void> {
  built ??= buildWeb();
  return built;
}
