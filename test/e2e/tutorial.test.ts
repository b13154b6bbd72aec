import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { afterAll, beforeAll, expect, it } from 'vitest';

/**
 * docs/tutorial.md to the letter: every block ```sh is run in its order, in one folder after the other as `cd` goes; `background` runs
 * on; the YAML is written where the text says; every line of a block ```text is in what the commands before it have printed (… is
 * anything). Only the ports are others, and `npx signalbox` is this program. `by-hand` is left to other tests.
 */
const root = fileURLToPath(new URL('../../', import.meta.url));
const PAGE = join(root, 'docs/tutorial.md');
const PORTS = ['9010', '9020', '8080'];

let directory: string;
const running: ChildProcess[] = [];

async function freePort(): Promise<string> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return String(port);
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'signalbox-tutorial-'));
  writeFileSync(
    join(directory, 'npx'),
    `#!/bin/sh\n[ "$1" = signalbox ] || exit 99\nshift\nexec '${process.execPath}' '${join(root, 'bin/signalbox.js')}' "$@"\n`,
  );
  chmodSync(join(directory, 'npx'), 0o755);
});

afterAll(async () => {
  for (const child of running.toReversed()) {
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    await closed;
  }
  rmSync(directory, { recursive: true, force: true });
});

function shell(script: string, cwd: string): ChildProcess {
  const env = { ...process.env, PATH: `${directory}:${process.env['PATH']}` };
  return spawn('bash', ['-euc', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Runs the commands to their end. */
async function run(script: string, cwd: string): Promise<{ output: string; code: number; cwd: string }> {
  const child = shell(`trap 'pwd > ${directory}/cwd' EXIT\n${script}`, cwd);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', chunk => (output += String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  return { output, code, cwd: readFileSync(join(directory, 'cwd'), 'utf8').trim() };
}

/** Until it has printed what says that it runs. */
async function start(script: string, cwd: string): Promise<void> {
  const child = shell(`exec ${script.trim()}`, cwd);
  running.push(child);
  let output = '';
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', chunk => {
        output += String(chunk);
        if (/Ctrl-C ends it|the service is ready/.test(output)) resolve();
      });
    }
    child.once('close', code => reject(new Error(`${script} ended with ${String(code)}:\n${output}`)));
  });
}

it('can be followed to the letter', { timeout: 240_000 }, async () => {
  const ports = await Promise.all(PORTS.map(freePort));
  const text = PORTS.reduce((page, port, at) => page.replaceAll(port, ports[at] ?? ''), readFileSync(PAGE, 'utf8'));
  let cwd = directory;
  let printed = '';
  let commands = 0;
  for (const node of fromMarkdown(text).children) {
    if (node.type !== 'code' || node.meta === 'by-hand') continue;
    if (node.lang === 'yaml') writeFileSync(join(cwd, 'signalbox.yaml'), node.value);
    if (node.lang === 'text') {
      for (const line of node.value.split('\n')) {
        const pattern = line.split('…').map(part => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
        expect(printed).toMatch(new RegExp(`^${pattern.join('.*')}`, 'm'));
      }
    }
    if (node.lang !== 'sh') continue;
    commands++;
    if (node.meta === 'background') {
      await start(node.value, cwd);
      continue;
    }
    const ran = await run(node.value, cwd);
    expect(ran.code, `${node.value}\n${ran.output}`).toBe(0);
    printed = ran.output;
    cwd = ran.cwd;
  }
  expect(commands).toBeGreaterThan(7);
  const secret = readFileSync(join(cwd, 'secrets/dashboard-token'), 'utf8').trim();
  const page = await fetch(`http://127.0.0.1:${ports[2]}/sign-in`);
  expect(await page.text()).not.toContain(secret);
});
