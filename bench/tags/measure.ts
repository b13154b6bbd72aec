import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';

export interface Cost {
  /** Seconds from start to end, the server's work included. */
  wall: number;
  /** Milliseconds of processor time of the process itself: neither the server's nor that of programs it starts. */
  own: number;
  /** Peak resident memory, MiB. */
  memory: number;
  stdout: string;
}

/** What a Node process says about itself at its end. */
const METER = `data:text/javascript,process.on('exit',()=>process.getBuiltinModule('node:fs').writeFileSync(process.env.BENCH_METER,JSON.stringify(process.resourceUsage())))`;

/** Runs one Node program and measures it; an exit code other than 0 is an error. */
export async function measure(
  args: readonly string[],
  options: { cwd: string; environment: Record<string, string> },
): Promise<Cost> {
  const meter = `${options.cwd}/meter-${process.pid}`;
  const start = performance.now();
  const child = spawn(process.execPath, ['--import', METER, ...args], {
    cwd: options.cwd,
    env: { PATH: process.env['PATH'], HOME: options.cwd, BENCH_METER: meter, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const code = await new Promise(resolve => child.once('close', resolve));
  const wall = (performance.now() - start) / 1000;
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${String(code)}\n${stdout}${stderr}`);
  const usage = JSON.parse(readFileSync(meter, 'utf8')) as NodeJS.ResourceUsage;
  rmSync(meter);
  return { wall, own: (usage.userCPUTime + usage.systemCPUTime) / 1000, memory: usage.maxRSS / 1024, stdout };
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
