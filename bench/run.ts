import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { readCommandLine } from '../scripts/command-line.ts';
import { type BenchOptions, missing, type Row, renderRows } from './row.ts';

const BENCHES: Record<string, (options: BenchOptions) => Promise<readonly Row[]>> = {
  intake: async options => (await import('./intake/bench-intake.ts')).benchIntake(options),
  upload: async ({ quick, say }) => {
    const { benchReleases } = await import('./releases/bench-releases.ts');
    const size = quick ? { mib: 64, rounds: 1, memorySizes: [10, 64] } : {};
    return benchReleases({ ...size, ...(say && { say }) });
  },
  escalation: async ({ quick }) => {
    const { measureEscalation } = await import('./escalation/measure.ts');
    return (await measureEscalation(quick ? 1 : 3, quick ? 4 : 20)).map(fromEscalation);
  },
  races: async options => (await import('./races/speed.ts')).measureSpeed(options),
  tags: async options => (await import('./tags/bench-tags.ts')).benchTags(options),
  start: async ({ quick }) => {
    const { measureColdStart } = await import('./cold-start.ts');
    return (await measureColdStart(quick ? 2 : 15)).map(fromStart);
  },
};

function fromStart({ name, ours, peer, ratio, goal }: StartRow): Row {
  const show = (value: number) => `${value.toFixed(0)} ms`;
  return {
    name: `${name}, beside node -e 0`,
    ours: show(ours),
    peer: show(peer),
    ratio,
    goal: `at most ${goal}`,
    reached: ratio <= goal,
  };
}

interface StartRow {
  name: string;
  ours: number;
  peer: number;
  ratio: number;
  goal: number;
}

interface EscalationRow {
  name: string;
  ours: number;
  peer: number | null;
  ratio: number | null;
  goal: string;
}

/** Goals: `<= 4` and `< 60 MiB` are for our figure, `<= 0.2 x` for the ratio. */
function fromEscalation({ name, ours, peer, ratio, goal }: EscalationRow): Row {
  const limit = Number(/[\d.]+/.exec(goal)?.[0]);
  const value = goal.endsWith('x') ? ratio : ours;
  const reached = Number.isNaN(limit) || value === null ? null : goal.startsWith('<=') ? value <= limit : value < limit;
  return {
    name: `escalation, beside a sequential script: ${name}`,
    ours: ours.toFixed(2),
    peer: peer?.toFixed(2) ?? '',
    ratio,
    goal,
    reached,
  };
}

/**
 * In a process of its own: what it starts is charged for copying the memory map of its parent, and has the parent's size as its least
 * peak, so that one comparison would change the next.
 */
function measureApart(name: string): Row[] {
  const args = [fileURLToPath(import.meta.url), '--rows', ...(values.quick ? ['--quick'] : []), name];
  const stdout = execFileSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '[]') as Row[];
}

function versionOf(command: string, ...args: string[]): string {
  const { stdout, error } = spawnSync(command, args, { encoding: 'utf8' });
  return error ? `no ${command}` : (stdout.split('\n')[0] ?? '').trim();
}

function machine(): string {
  const parts = [
    `${cpus().length} x ${cpus()[0]?.model}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `Node ${process.version}`,
    versionOf('go', 'version'),
    versionOf('openssl', 'version'),
    versionOf('curl', '--version').split(' ').slice(0, 2).join(' '),
    `load average ${loadavg()
      .map(each => each.toFixed(1))
      .join(' ')} at the end`,
    new Date().toISOString().slice(0, 10),
  ];
  return `${parts.join(', ')}.`;
}

function writeTable(text: string): void {
  const page = new URL('../docs/benchmarks.md', import.meta.url);
  const whole = readFileSync(page, 'utf8');
  const written = whole.replace(
    /<!-- bench -->[\s\S]*<!-- \/bench -->/,
    () => `<!-- bench -->\n${text}\n<!-- /bench -->`,
  );
  if (written === whole) throw new Error('docs/benchmarks.md has no place for the table (<!-- bench -->)');
  writeFileSync(page, written);
}

const all = Object.keys(BENCHES);
const usage = `npm run bench -- [--quick] [${all.join('] [')}]

Every side-by-side comparison (or those that are named), one after the other, in one table. Without names and without --quick the table is
written into docs/benchmarks.md. Asserts no times; fails where a result is wrong. --rows prints the rows of one as JSON.`;
const toggle = { type: 'boolean', default: false } as const;
const { values, positionals, refuse } = readCommandLine(usage, { quick: toggle, rows: toggle }, all.length);
const names = positionals.length > 0 ? positionals : all;
const unknown = names.filter(name => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) refuse(`there is no benchmark ${unknown.join(', ')}`);
if (values.rows) {
  const found = await BENCHES[names[0] ?? '']?.({ quick: values.quick, say: line => console.error(`  ${line}`) });
  console.log(JSON.stringify(found ?? []));
  process.exit();
}
const rows: Row[] = [];
for (const name of names) {
  console.error(`\n${name}`);
  try {
    rows.push(...measureApart(name));
  } catch (error) {
    // The others are still worth their time.
    console.error(error);
    rows.push(missing(name, `it broke off: ${(error as Error).message.split('\n')[0]}`));
    process.exitCode = 1;
  }
}
const text = `${renderRows(rows)}\n\n${machine()}`;
console.log(text);
if (values.quick) console.log('\nWith --quick the figures are worth nothing.');
else if (positionals.length === 0) writeTable(text);
