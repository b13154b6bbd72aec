import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { AGENT_TOKEN, type EscalationStage, setEscalationStage, UNLIMITED } from '../e2e/escalation-stage.ts';
import { errorsOf } from '../support/browser.ts';
import { type Agent, agentAt } from './agent.ts';
import { type Form, launchWithScript, type ManagedBrowser } from './manager/manager.ts';
import { type Relay, startRelay } from './relay.ts';

const BUILD = fileURLToPath(new URL('../../scripts/build-userscript.ts', import.meta.url));
const SCREENSHOTS = fileURLToPath(new URL('../../artifacts/screenshots/', import.meta.url));

/** Tickets from 2001 on: one for each test, so that none finds what another has done. */
const TICKETS = 40;

/** Both simulators, the service, and a browser with the button in it as the service has given it out. */
export interface ButtonStage {
  escalation: EscalationStage;
  relay: Relay;
  managed: ManagedBrowser;
  /** A ticket that nobody has touched. */
  ticket(): number;
  /** A tab at a path of Freshdesk, and somebody in front of it. */
  open(path: string, before?: (page: Page) => Promise<void>): Promise<Agent>;
  /** Between tests: tabs closed, a fine line, no faults, the token set; fails when a page complained. */
  tidy(): Promise<void>;
  close(): Promise<void>;
}

export interface ButtonStageOptions {
  forms?: readonly Form[];
  colorScheme?: 'light' | 'dark';
}

export async function setButtonStage(options: ButtonStageOptions = {}): Promise<ButtonStage> {
  await promisify(execFile)(process.execPath, [BUILD]);
  const escalation = await setEscalationStage({
    sandbox: { freshdeskSeed: { limits: UNLIMITED, tickets: TICKETS } },
  });
  const relay = await startRelay(() => escalation.service().url);
  const script = await fetch(`${relay.url}/userscript/signalbox.user.js`);
  const managed = await launchWithScript(await script.text(), options);
  await managed.write('token', AGENT_TOKEN);
  const tabs: { page: Page; errors: string[] }[] = [];
  let next = 2000;
  return {
    escalation,
    relay,
    managed,
    ticket: () => {
      next += 1;
      expect(next).toBeLessThanOrEqual(2000 + TICKETS);
      return next;
    },
    open: async (path, before) => {
      const page = await managed.page();
      tabs.push({ page, errors: errorsOf(page) });
      await before?.(page);
      await page.goto(`${escalation.sandbox.freshdesk.url}${path}`);
      return agentAt(page);
    },
    tidy: async () => {
      const complaints = tabs.flatMap(each => each.errors);
      for (const { page } of tabs.splice(0)) await page.close();
      relay.calm();
      await escalation.gitlab('admin', 'DELETE', '/_sandbox/faults');
      await managed.write('token', AGENT_TOKEN);
      expect(complaints).toEqual([]);
    },
    close: async () => {
      await managed.close();
      await relay.close();
      await escalation.close();
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
