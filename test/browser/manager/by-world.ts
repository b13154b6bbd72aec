import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import type { InstalledScript, Manager } from './manager.ts';

const WORLD = 'userscript';

/** What `grants.js` asks for. */
type Question =
  | { kind: 'request'; id: number; request: ScriptRequest }
  | { kind: 'write'; id: number; key: string; value?: string }
  | { kind: 'register'; caption: string };

interface ScriptRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  data?: string;
  timeout: number;
}

interface Tab {
  session: CDPSession;
  /** The script's worlds in the tab: one, unless it runs in frames. */
  worlds: Set<number>;
  injected: string | undefined;
}

/** The same manager without an extension: an isolated world of the debugger, and requests from this process. */
export async function installByWorld(context: BrowserContext, script: InstalledScript): Promise<Manager> {
  const grants = readFileSync(join(import.meta.dirname, 'grants.js'), 'utf8');
  const values: Record<string, string> = {};
  const tabs = new Map<Page, Tab>();

  async function open(): Promise<Page> {
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    const tab: Tab = { session, worlds: new Set(), injected: undefined };
    tabs.set(page, tab);
    session.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      if (name !== 'toManager') return;
      tab.worlds.add(executionContextId);
      void answer(tab, executionContextId, JSON.parse(payload) as Question);
    });
    session.on('Runtime.executionContextDestroyed', ({ executionContextId }) => tab.worlds.delete(executionContextId));
    await session.send('Page.enable');
    await session.send('Runtime.enable');
    await session.send('Runtime.addBinding', { name: 'toManager', executionContextName: WORLD });
    await inject(tab);
    return page;
  }

  async function inject(tab: Tab): Promise<void> {
    if (tab.injected !== undefined)
      await tab.session.send('Page.removeScriptToEvaluateOnNewDocument', { identifier: tab.injected });
    const { identifier } = await tab.session.send('Page.addScriptToEvaluateOnNewDocument', {
      source: sourceOf(script, grants, values),
      worldName: WORLD,
    });
    tab.injected = identifier;
  }

  async function answer(tab: Tab, world: number, question: Question): Promise<void> {
    if (question.kind === 'request') {
      await tell(tab, world, { kind: 'answer', id: question.id, ...(await send(script, question.request)) });
    } else if (question.kind === 'write') {
      await write(question.key, question.value);
      await tell(tab, world, { kind: 'answer', id: question.id });
      for (const other of tabs.values())
        for (const each of other.worlds)
          if (other !== tab || each !== world)
            await tell(other, each, { kind: 'changed', key: question.key, value: question.value });
    }
  }

  async function write(key: string, value: string | undefined): Promise<void> {
    if (value === undefined) delete values[key];
    else values[key] = value;
    for (const [page, tab] of tabs) if (!page.isClosed()) await inject(tab);
  }

  return {
    page: open,
    menu: async (page, caption) => {
      await page.bringToFront();
      const tab = tabs.get(page);
      for (const world of tab?.worlds ?? []) await tell(tab!, world, { kind: 'menu', caption });
    },
    values: async () => ({ ...values }),
    write,
  };
}

function sourceOf(script: InstalledScript, grants: string, values: Record<string, string>): string {
  return `(() => {
    const matches = ${JSON.stringify(script.matches.map(each => each.replace(/\*$/, '')))};
    if (!matches.some(each => location.href.startsWith(each))) return;
    if (${script.noFrames} && window.top !== window) return;
    const run = () => {
      ${grants}
      grant({
        send: message => toManager(JSON.stringify(message)),
        receive: taken => { globalThis.fromManager = taken; },
      }, ${JSON.stringify(script.forms)}, ${JSON.stringify(values)});
      ${script.source}
    };
    if (document.readyState === 'loading') addEventListener('DOMContentLoaded', run, { once: true });
    else run();
  })();`;
}

async function tell(tab: Tab, contextId: number, message: object): Promise<void> {
  const expression = `fromManager(${JSON.stringify(message)})`;
  // The page may have gone on: then nobody waits any more.
  await tab.session.send('Runtime.evaluate', { expression, contextId }).catch(() => undefined);
}

async function send(script: InstalledScript, request: ScriptRequest): Promise<object> {
  const { method, url, headers, data, timeout } = request;
  if (!script.connects.includes(new URL(url).hostname)) return { outcome: 'error', text: 'not allowed by @connect' };
  try {
    const body = data === undefined ? {} : { body: data };
    const response = await fetch(url, { method, headers, ...body, signal: AbortSignal.timeout(timeout) });
    return { outcome: 'load', status: response.status, text: await response.text() };
  } catch (error) {
    return { outcome: (error as Error).name === 'TimeoutError' ? 'timeout' : 'error', text: String(error) };
  }
}
