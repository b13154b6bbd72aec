import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const SECRET = 'the-secret-of-the-benchmark';
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export interface Running {
  child: ChildProcess;
  url: string;
}

/** Starts a server that prints its port. */
export async function startPrinting(command: string, args: string[]): Promise<Running> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout! })) {
    if (/^\d+$/.test(line)) return { child, url: `http://127.0.0.1:${line}` };
  }
  throw new Error(`${command} did not start`);
}

/** The service as people run it, with a release script that does nothing. */
export async function startService(directory: string): Promise<Running> {
  mkdirSync(directory, { recursive: true });
  const script = join(directory, 'release.sh');
  writeFileSync(script, '#!/bin/sh\n');
  chmodSync(script, 0o755);
  writeFileSync(join(directory, 'secret'), SECRET, { mode: 0o600 });
  const config = join(directory, 'signalbox.yaml');
  writeFileSync(
    config,
    `service: { listen: "127.0.0.1:0", data_dir: ${directory}/data }
releases: { products: { appliance: { credentials: [ { name: ci, secret: { file: secret } } ], script: ${script}, max_size: 64GiB, retention: { releases: 1 } } } }
`,
  );
  const args = [here('../../bin/signalbox.js'), 'serve', '--config', config];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  for await (const line of createInterface({ input: child.stderr! })) {
    const url = /"url":"([^"]+)"/.exec(line)?.[1];
    if (url) {
      child.stderr!.resume();
      return { child, url };
    }
  }
  throw new Error('the service did not start');
}

export async function end({ child }: Running): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}

/** Seconds that curl takes; throws unless the server says 2xx. The disk has nothing left to do of what was before. */
export async function upload(...args: string[]): Promise<number> {
  execFileSync('sync');
  const began = performance.now();
  const child = spawn('curl', ['-sSf', '-o', '/dev/null', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`curl ended with ${code}: ${args.join(' ')}`);
  return (performance.now() - began) / 1000;
}

/** MiB of a process: now (`VmRSS`) or at most so far (`VmHWM`). */
export function memory({ child }: Running, field: 'VmRSS' | 'VmHWM'): number {
  const line = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    .split('\n')
    .find(each => each.startsWith(field));
  return Number(/\d+/.exec(line ?? '')?.[0]) / 1024;
}

/** Seconds of processor time of a process, all its threads together. */
export function processorTime({ child }: Running): number {
  const text = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / Number(execFileSync('getconf', ['CLK_TCK']).toString());
}
