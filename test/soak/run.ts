import { parseArgs } from 'node:util';
import { lineOf, runSoak } from './soak.ts';

/** `npm run test:soak -- [--minutes N] [--seed N] [--rate N]`; see docs/reliability.md. */
const number = { type: 'string' } as const;
const { values } = parseArgs({ options: { minutes: number, seed: number, rate: number } });
const minutes = whole('minutes', 30);
const seed = whole('seed', 1);
const eventsPerMinute = whole('rate', 60);
console.log(`npm run test:soak -- --minutes ${minutes} --seed ${seed} --rate ${eventsPerMinute}`);
// Ctrl-C ends what was started, too.
process.once('SIGINT', () => process.exit(130));
const { flat, grown, perHour, samples, events, wrong } = await runSoak({ minutes, seed, eventsPerMinute }, line =>
  console.log(line),
);
for (const line of [...wrong, ...grown]) console.log(line);
const [first, last] = [samples[0], samples.at(-1)];
if (first && last) console.log(`${lineOf(first)}\n${lineOf(last)}`);
const mib = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);
console.log(
  `events ${events} minutes ${minutes} rss ${mib(perHour.rss)} MiB/h heap ${mib(perHour.heap)} MiB/h files ${perHour.files.toFixed(1)}/h wrong ${wrong.length} flat ${flat ? 'yes' : 'no'}`,
);
process.exitCode = flat && wrong.length === 0 ? 0 : 1;

function whole(name: 'minutes' | 'seed' | 'rate', otherwise: number): number {
  const value = Number(values[name] ?? otherwise);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} must be a whole number`);
  return value;
}
