import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Worker } from 'playwright-core';
import type { InstalledScript, Manager } from './manager.ts';

/** The extension in this folder. */
export async function installByExtension(context: BrowserContext, script: InstalledScript): Promise<Manager> {
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
  const allowed = await allowUserScripts(context, worker);
  const grants = readFileSync(join(import.meta.dirname, 'grants.js'), 'utf8');
  await call(allowed, 'install', { ...script, grants });
  return {
    page: () => context.newPage(),
    menu: async (page, caption) => {
      await page.bringToFront();
      await call(allowed, 'menu', caption);
    },
    values: () => call(allowed, 'values'),
    write: (key, value) => call(allowed, 'write', key, value),
  };
}

/** What a person does in the extension's details: "Allow user scripts". The extension starts again with it. */
async function allowUserScripts(context: BrowserContext, worker: Worker): Promise<Worker> {
  const id = new URL(worker.url()).host;
  const page = await context.newPage();
  const again = async (): Promise<Worker> => {
    for (;;) {
      for (const each of context.serviceWorkers())
        if (await each.evaluate('typeof chrome.userScripts === "object"').catch(() => false)) return each;
      await page.waitForTimeout(50);
    }
  };
  await page.goto(`chrome://extensions/?id=${id}`);
  await page.evaluate(`(async () => {
    await chrome.developerPrivate.updateProfileConfiguration({ inDeveloperMode: true });
    await chrome.developerPrivate.updateExtensionConfiguration({ extensionId: '${id}', userScriptsAccess: true });
  })()`);
  const started = await again();
  await page.close();
  return started;
}

async function call<Value>(worker: Worker, name: string, ...args: unknown[]): Promise<Value> {
  return worker.evaluate<Value>(`manager.${name}(...${JSON.stringify(args)})`);
}
