import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtProgram } from './program.ts';

const BIN = await builtProgram();

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Starts `signalbox races scan` as a box does, with `home` as its user's home. */
export function startScan(
  home: string,
  args: readonly string[],
  more: { input?: string; node?: readonly string[]; program?: string } = {},
): ChildProcess {
  const child = spawn(process.execPath, [...(more.node ?? []), more.program ?? BIN, 'races', 'scan', ...args], {
    env: { PATH: process.env['PATH'], HOME: home, NODE_COMPILE_CACHE: join(tmpdir(), 'signalbox-test-compile-cache') },
  });
  child.stdin?.end(more.input ?? '');
  return child;
}

/** What a process printed, once it has ended. */
export async function ended(child: ChildProcess): Promise<Ended> {
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8');
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    err += chunk.toString('utf8');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

/** Runs a program to its end. */
export function runToEnd(program: string, args: readonly string[], options: SpawnOptions): Promise<Ended> {
  return ended(spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] }));
}
