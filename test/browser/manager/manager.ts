import type { Page } from 'playwright-core';
import { type BrowserOptions, hasExtensions, launchBrowser, type TestBrowser } from '../../support/browser.ts';
import { installByExtension } from './by-extension.ts';
import { installByWorld } from './by-world.ts';
import { type Metadata, readMetadata } from './read-metadata.ts';

/** Which of the two interfaces the manager gives to scripts. */
export type Form = 'GM_' | 'GM.';

export interface InstalledScript extends Metadata {
  source: string;
  forms: readonly Form[];
}

/** A userscript manager in a browser, with one script. */
export interface Manager {
  /** A tab in which the script will run wherever it says it wants to. */
  page(): Promise<Page>;
  /** The agent opens the manager's menu in a tab and chooses an entry of the script. */
  menu(page: Page, caption: string): Promise<void>;
  values(): Promise<Record<string, string>>;
  write(key: string, value: string): Promise<void>;
}

export interface ManagedBrowser extends Manager {
  browser: TestBrowser;
  close(): Promise<void>;
}

export const EXTENSION = import.meta.dirname;

/**
 * Starts a browser with a userscript in a manager: an extension of our own where the browser loads extensions; where it does
 * not, a world of the browser's own debugger, which is as separate from the page.
 */
export async function launchWithScript(
  source: string,
  options: Omit<BrowserOptions, 'extension'> & { forms?: readonly Form[] } = {},
): Promise<ManagedBrowser> {
  const { forms = ['GM_', 'GM.'], ...browserOptions } = options;
  const script = { ...readMetadata(source), source, forms };
  const browser = await launchBrowser({ ...browserOptions, ...(hasExtensions ? { extension: EXTENSION } : {}) });
  const manager = await (hasExtensions ? installByExtension : installByWorld)(browser.context, script);
  return { ...manager, browser, close: () => browser.close() };
}
