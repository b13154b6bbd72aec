import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const CHROMIUM = '/usr/bin/chromium';

export const haveChromium: boolean = existsSync(CHROMIUM);

export interface Page {
  /** The value of an expression in the page, as JSON; an error in it is thrown. */
  evaluate<T>(expression: string): Promise<T>;
  /** What the page logged as errors: broken scripts, and what its policy refused. */
  errors: string[];
  close(): Promise<void>;
}

/** Opens an address in a headless Chromium, driven by its DevTools protocol; nothing but the browser is needed. */
export async function openPage(url: string): Promise<Page> {
  const profile = await mkdtemp(join(tmpdir(), 'freshdesk-page-'));
  const browser = spawn(
    CHROMIUM,
    ['--headless=new', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0', `--user-data-dir=${profile}`],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = new Promise<void>(resolve => browser.once('exit', () => resolve()));
  const socket = new WebSocket(await addressOf(createInterface(browser.stderr)));
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  const waiting = new Map<number, (message: Message) => void>();
  const errors: string[] = [];
  let id = 0;
  socket.onmessage = event => {
    const message = JSON.parse(String(event.data)) as Message;
    if (message.id !== undefined) waiting.get(message.id)?.(message);
    else if (message.method === 'Log.entryAdded' && message.params.entry.level === 'error')
      errors.push(message.params.entry.text);
    else if (message.method === 'Runtime.exceptionThrown') errors.push(message.params.exceptionDetails.text);
  };
  const send = (method: string, params: object, sessionId?: string) =>
    new Promise<Message>(resolve => {
      id += 1;
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
  const { targetId } = (await send('Target.createTarget', { url: 'about:blank' })).result;
  const { sessionId } = (await send('Target.attachToTarget', { targetId, flatten: true })).result;
  await send('Log.enable', {}, sessionId);
  await send('Runtime.enable', {}, sessionId);
  await send('Page.enable', {}, sessionId);
  await send('Page.navigate', { url }, sessionId);
  return {
    errors,
    async evaluate<T>(expression: string) {
      const parameters = { expression, awaitPromise: true, returnByValue: true };
      const { result } = await send('Runtime.evaluate', parameters, sessionId);
      if (result.exceptionDetails !== undefined) throw new Error(JSON.stringify(result.exceptionDetails));
      return result.result.value as T;
    },
    async close() {
      socket.close();
      browser.kill();
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

interface Message {
  id?: number;
  method?: string;
  // biome-ignore lint/suspicious/noExplicitAny: the protocol's own shapes
  params?: any;
  // biome-ignore lint/suspicious/noExplicitAny: the protocol's own shapes
  result?: any;
}

async function addressOf(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) {
    const address = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error('Chromium ended before it listened');
}
