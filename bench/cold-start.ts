import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackage } from './install-package.ts';
import { median } from './tags/measure.ts';

/** One comparison of the table; times in ms. */
export interface Row {
  name: string;
  ours: number;
  peer: number;
  ratio: number;
  goal: number;
}

const MINUTE = 60_000;

/**
 * How long commands take to start, beside `node -e 0`, in turn: what an installed package runs, without a cache of compiled code, as
 * in the fresh container of a CI job.
 */
export async function measureColdStart(rounds: number): Promise<Row[]> {
  const root = mkdtempSync(join(tmpdir(), 'signalbox-bench-start-'));
  try {
    const signalbox = installPackage(join(root, 'package'));
    const config = writeConfig(root);
    const measurements = {
      empty: () => wall(['-e', '0']),
      version: () => wall([signalbox, '--version']),
      help: () => wall([signalbox, 'tag', '--help']),
      ready: () => untilReady([signalbox, 'serve', '--config', config]),
    };
    const times = Object.fromEntries(Object.keys(measurements).map(name => [name, [] as number[]]));
    // The first round warms the disk, and is not counted.
    for (let round = 0; round <= rounds; round++) {
      for (const [name, take] of Object.entries(measurements)) {
        const took = await take();
        if (round > 0) times[name]?.push(took);
      }
    }
    const of = (name: keyof typeof measurements) => median(times[name] ?? []);
    const row = (name: string, ours: number, peer: number, goal: number) => ({
      name,
      ours,
      peer,
      ratio: ours / peer,
      goal,
    });
    return [
      row('signalbox --version', of('version'), of('empty'), 1.5),
      row('signalbox tag --help', of('help'), of('empty'), 1.5),
      row('signalbox serve, until it is ready', of('ready'), of('empty'), 8),
    ];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function writeConfig(root: string): string {
  const file = join(root, 'signalbox.yaml');
  writeFileSync(join(root, 'secret'), 'a-secret-of-the-bench');
  writeFileSync(
    file,
    `service: { listen: "127.0.0.1:0", data_dir: data }
gitlab: { url: "http://127.0.0.1:1", token: { file: secret }, webhook: { secret_tokens: [ { file: secret } ] } }
lines: [ { name: "5.5", branch: main } ]
version_check: { projects: { acme/appliance: { version: [ { file: VERSION } ] } } }
library_tags: { projects: [ acme/lib-* ] }
`,
  );
  return file;
}

async function run(args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  const code = await new Promise(resolve => child.once('close', resolve));
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${String(code)}`);
}

async function wall(args: readonly string[]): Promise<number> {
  const start = performance.now();
  await run(args, tmpdir());
  return performance.now() - start;
}

/** From the start of the process until it says that it is ready. */
async function untilReady(args: readonly string[]): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()));
  const guard = setTimeout(() => child.kill('SIGKILL'), MINUTE);
  let text = '';
  for await (const chunk of child.stderr) {
    text += String(chunk);
    if (text.includes('the service is ready')) break;
  }
  const took = performance.now() - start;
  clearTimeout(guard);
  child.kill('SIGKILL');
  await ended;
  if (!text.includes('the service is ready')) throw new Error(`the service did not become ready:\n${text}`);
  return took;
}

if (import.meta.main) {
  const rounds = Number(process.argv[2] ?? 15);
  const rows = await measureColdStart(rounds);
  console.log('| | ours ms | node -e 0 ms | ratio | goal |\n|---|---|---|---|---|');
  for (const { name, ours, peer, ratio, goal } of rows) {
    console.log(`| ${name} | ${ours.toFixed(0)} | ${peer.toFixed(0)} | ${ratio.toFixed(2)} | ${goal} |`);
  }
  const load = loadavg()[0]?.toFixed(1);
  console.log(
    `\n${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}, load ${load}, medians of ${rounds} rounds.`,
  );
}
