import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { readCommandLine } from '../../scripts/command-line.ts';

const families = readdirSync(import.meta.dirname).flatMap(name => name.match(/^(.+)\.test\.ts$/)?.[1] ?? []);
const usage = `npm run test:fuzz -- [--runs N] [--seed N] [--only FAMILY]

Sends hostile input to everything that reads what others wrote: 5000 runs of each test, with another seed at each start, unless told. What it
finds is said with its seed, and lies in a file that belongs into test/fuzz/corpus/ once it is mended. Families: ${families.join(', ')}.`;
const text = { type: 'string' } as const;
const { values, refuse, whole } = readCommandLine(usage, { runs: text, seed: text, only: text });
const runs = whole('--runs', values.runs, 5000);
const seed = whole('--seed', values.seed, Date.now() % 2 ** 31, 0);
const { only } = values;
if (only !== undefined && !families.includes(only)) refuse(`--only must be one of ${families.join(', ')}`);
console.log(`runs ${runs} seed ${seed}`);
const wanted = only === undefined ? ['test/fuzz', 'src/gitlab/text', 'src/freshdesk/mail'] : [`test/fuzz/${only}`];
const child = spawn('vitest', ['run', '--project', 'sqlite', '--test-timeout', '0', ...wanted], {
  stdio: 'inherit',
  env: { ...process.env, FUZZ_RUNS: String(runs), FUZZ_SEED: String(seed) },
});
child.on('exit', code => {
  process.exitCode = code ?? 1;
});
