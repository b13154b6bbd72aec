import { existsSync } from 'node:fs';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { unpackChromium } from './unpack-chromium.ts';

const DEBIANS = '/usr/bin/chromium';

const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface BrowserOptions {
  /** The directory of an extension to load; only where `hasExtensions`. */
  extension?: string;
  viewport?: { width: number; height: number };
  colorScheme?: 'light' | 'dark';
  reducedMotion?: 'reduce' | 'no-preference';
}

/** A headless Chromium with a profile of its own, which goes when it is closed. */
export interface TestBrowser {
  context: BrowserContext;
  /** Opens an empty tab. */
  page(): Promise<Page>;
  close(): Promise<void>;
}

/**
 * Whether the browser at hand can load extensions: Debian's can, the one from npm cannot. The variable
 * SIGNALBOX_TEST_BROWSER=npm takes the latter on any machine.
 */
export const hasExtensions: boolean = existsSync(DEBIANS) && process.env['SIGNALBOX_TEST_BROWSER'] !== 'npm';

/** Starts a browser: Debian's Chromium where it is installed, else the one from npm, which is everywhere. */
export async function launchBrowser(options: BrowserOptions = {}): Promise<TestBrowser> {
  const { extension, viewport = { width: 1280, height: 800 }, colorScheme = 'light' } = options;
  if (extension !== undefined && !hasExtensions) throw new Error('the browser from npm loads no extensions');
  const { executable, environment } = hasExtensions ? { executable: DEBIANS, environment: {} } : await unpackChromium();
  const context = await chromium.launchPersistentContext('', {
    executablePath: executable,
    env: { ...process.env, ...environment },
    args: [
      ...FLAGS,
      ...(extension === undefined ? [] : [`--load-extension=${extension}`, `--disable-extensions-except=${extension}`]),
    ],
    viewport,
    colorScheme,
    reducedMotion: options.reducedMotion ?? 'no-preference',
  });
  context.setDefaultTimeout(15_000);
  return { context, page: () => context.newPage(), close: () => context.close() };
}

/** What a page complained of, as it goes along: broken scripts, and what its policy refused. */
export function errorsOf(page: Page): string[] {
  const errors: string[] = [];
  page.on('pageerror', error => errors.push(error.message));
  page.on('console', message => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return errors;
}
