import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { eventually } from '../support/sandbox-client.ts';
import { BIN, HOOK_SECRET, type Installation, install } from '../support/service-process.ts';
import { type FaultyDisk, faultyDisk } from './faulty-disk.ts';
import { type Answered, deliverAll, linesOf, readiness, storedKeys } from './send.ts';

vi.setConfig({ testTimeout: 120_000 });

let disk: FaultyDisk;
let installation: Installation;
beforeAll(() => {
  disk = faultyDisk();
});
beforeEach(async () => {
  installation = await install('http://127.0.0.1:9');
});
afterEach(async () => {
  disk.set();
  await installation.remove();
});
afterAll(() => disk.remove());

const keysOf = (name: string, count: number) => Array.from({ length: count }, (_, n) => `${name}-${n}`);
const isReady = () =>
  readiness(installation).then(
    ({ status }) => status === 200,
    () => false,
  );
const hasAll = async (keys: readonly string[]) => {
  const stored = new Set(storedKeys(installation));
  return keys.every(key => stored.has(key));
};

it('refuses a flood that the disk cannot follow, in bounded memory, and keeps what it has acknowledged', async () => {
  const service = await installation.serve(disk.environment);
  const peak = () =>
    Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${service.child.pid}/status`, 'utf8'))?.[1]) / 1024;
  const before = peak();
  disk.set('slow 1000 /intake/');
  // 400 megabytes at once, of which about two thirds may be held.
  const body = Buffer.from(JSON.stringify({ object_kind: 'moon_landing', padding: 'x'.repeat(4_000_000) }));
  const keys = keysOf('large', 100);
  const acknowledged: string[] = [];
  const refused: Answered[] = [];
  const sending = keys.map(async key => {
    const answer = await post(key, body);
    if (answer.status === 200) acknowledged.push(key);
    else refused.push(answer);
  });
  await eventually('some are refused', async () => refused.length > 10);
  disk.set();
  await Promise.all(sending);
  expect(acknowledged.length).toBeGreaterThan(20);
  for (const answer of refused) {
    expect(answer).toEqual({ status: 503, retryAfter: '5', code: 'SBX_INTAKE_TOO_MUCH_AT_ONCE' });
  }
  expect(peak() - before).toBeLessThan(450);
  expect((await deliverAll(installation, keysOf('small', 50))).refused).toEqual([]);
  await eventually('everything is read', () => hasAll([...acknowledged, ...keysOf('small', 50)]));
  expect(await isReady()).toBe(true);
  await service.stop();
  expect(storedKeys(installation)).toHaveLength(acknowledged.length + 50);
});

/** A sender that reads its answer also when it comes before the body has left. */
function post(key: string, body: Buffer): Promise<Answered> {
  const headers = { 'X-Gitlab-Token': HOOK_SECRET, 'Idempotency-Key': key, 'Content-Length': body.length };
  return new Promise((resolve, reject) => {
    const outgoing = request(`${installation.url}/hooks/gitlab`, { method: 'POST', headers, agent: false });
    outgoing.on('error', reject);
    outgoing.on('response', answer => {
      let text = '';
      answer.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      answer.on('end', () => {
        const code = text === '' ? null : (JSON.parse(text) as { code: string }).code;
        resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'] ?? null, code });
      });
    });
    outgoing.end(body);
  });
}

it('goes on when more connect than it may have open, though many of them send slowly or nothing at all', async () => {
  // Also a GitLab that takes calls and never answers.
  const hanging = createServer(() => undefined);
  const port = await freePort();
  await new Promise<void>(resolve => hanging.listen(port, '127.0.0.1', resolve));
  const config = readFileSync(installation.configFile, 'utf8').replace(
    'http://127.0.0.1:9',
    `http://127.0.0.1:${port}`,
  );
  const { child, output, ended } = serveWithFiles(256, config);
  const sockets: Socket[] = [];
  try {
    await eventually('it is ready', isReady);
    const before = await deliverAll(installation, keysOf('before', 20));
    expect(before.refused).toEqual([]);
    const { hostname, port: own } = new URL(installation.url);
    const begin = `POST /hooks/gitlab HTTP/1.1\r\nHost: x\r\nX-Gitlab-Token: ${HOOK_SECRET}\r\nContent-Length: 25000000\r\n\r\n{`;
    for (let n = 0; n < 400; n++) {
      const socket = connect(Number(own), hostname);
      socket.on('error', () => undefined);
      if (n % 2 === 0) socket.write(begin);
      sockets.push(socket);
    }
    await eventually('it says that it refuses connections', async () => output().includes('SBX_TOO_MANY_CONNECTIONS'));
    const files = () => Number(/^FDSize:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]);
    expect(files()).toBeLessThanOrEqual(256);
    for (const socket of sockets) socket.destroy();
    // The same process, which has lost nothing.
    await eventually('it takes connections again', isReady);
    const after = await deliverAll(installation, keysOf('after', 20));
    expect(after.refused).toEqual([]);
    await eventually('everything is read', () => hasAll([...before.acknowledged, ...after.acknowledged]));
    const told = linesOf(output()).filter(({ code }) => code === 'SBX_TOO_MANY_CONNECTIONS');
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ open_files: 256, what_to_do: expect.stringContaining('LimitNOFILE') });
    // Not asked to stop: it would give the looks at the GitLab that hangs their time.
    expect(child.exitCode, output()).toBeNull();
  } finally {
    for (const socket of sockets) socket.destroy();
    child.kill('SIGKILL');
    await ended;
    hanging.closeAllConnections();
    hanging.close();
  }
});

/** Starts the service with so many files that it may open. */
function serveWithFiles(files: number, config: string) {
  const file = `${installation.configFile}.hanging.yaml`;
  const script = `ulimit -n ${files}; cat > "$2"; exec "$0" "$1" serve --config "$2"`;
  const child: ChildProcess = spawn('sh', ['-c', script, process.execPath, BIN, file], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  child.stdin?.end(config);
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const ended = new Promise<number | NodeJS.Signals | null>(resolve =>
    child.once('exit', (code, signal) => resolve(signal ?? code)),
  );
  return { child, output: () => text, ended };
}
