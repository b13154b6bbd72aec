import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';

/**
 * The long form: `npm run test:fuzz -- --runs 20000 --seed 7 [--only git]`. With another seed at each start unless told; what it finds
 * is said with its seed, and lies in a file that belongs into corpus/ once it is mended.
 */
const { values } = parseArgs({
  options: { runs: { type: 'string', default: '5000' }, seed: { type: 'string' }, only: { type: 'string' } },
});
const seed = values.seed ?? String(Date.now() % 2 ** 31);
console.log(`runs ${values.runs} seed ${seed}`);
const folders = ['test/fuzz', 'src/gitlab/text', 'src/freshdesk/mail'];
const wanted = values.only === undefined ? folders : [`test/fuzz/${values.only}`];
const child = spawn('vitest', ['run', '--project', 'sqlite', '--test-timeout', '0', ...wanted], {
  stdio: 'inherit',
  env: { ...process.env, FUZZ_RUNS: values.runs, FUZZ_SEED: seed },
});
child.on('exit', code => {
  process.exitCode = code ?? 1;
});
