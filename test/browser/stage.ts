import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { type SimulatedFreshdesk, startFreshdesk } from '../../src/sandbox/freshdesk/start-freshdesk.ts';
import { errorsOf } from '../support/browser.ts';
import { type Agent, agentAt } from './agent.ts';
import { type Form, launchWithScript, type ManagedBrowser } from './manager/manager.ts';
import { type Relay, startRelay } from './relay.ts';
import { type StubService, startStub, TOKEN } from './stub-service.ts';

const SCREENSHOTS = fileURLToPath(new URL('../../artifacts/screenshots/', import.meta.url));

export interface Stage {
  freshdesk: SimulatedFreshdesk;
  service: StubService;
  relay: Relay;
  managed: ManagedBrowser;
  /** A tab at a path of Freshdesk, and somebody in front of it. */
  open(path: string, before?: (page: Page) => Promise<void>): Promise<Agent>;
  /** Between tests: tabs closed, a fine line, the token set; fails when a page complained. */
  tidy(): Promise<void>;
  close(): Promise<void>;
}

export interface StageOptions {
  forms?: readonly Form[];
  colorScheme?: 'light' | 'dark';
}

export async function setStage(options: StageOptions = {}): Promise<Stage> {
  const freshdesk = await startFreshdesk();
  const relay = await startRelay(() => service.url);
  const service = await startStub(freshdesk.url);
  const script = await (await fetch(`${relay.url}/userscript/signalbox.user.js`)).text();
  const managed = await launchWithScript(script, options);
  await managed.write('token', TOKEN);
  const tabs: { page: Page; errors: string[] }[] = [];
  return {
    freshdesk,
    service,
    relay,
    managed,
    open: async (path, before) => {
      const page = await managed.page();
      tabs.push({ page, errors: errorsOf(page) });
      await before?.(page);
      await page.goto(`${freshdesk.url}${path}`);
      return agentAt(page);
    },
    tidy: async () => {
      const complaints = tabs.flatMap(each => each.errors);
      for (const { page } of tabs.splice(0)) await page.close();
      relay.calm();
      await managed.write('token', TOKEN);
      expect(complaints).toEqual([]);
    },
    close: async () => {
      await managed.close();
      await service.close();
      await relay.close();
      await freshdesk.close();
    },
  };
}

/** How many of our elements are in the page, whatever is inside them. */
export function ours(page: Page, part: 'button' | 'dialog' | 'badge'): Promise<number> {
  return page.locator(`signalbox-part[data-part=${part}]`).count();
}

export async function screenshot(page: Page, name: string): Promise<void> {
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: `${SCREENSHOTS}${name}.png` });
}
