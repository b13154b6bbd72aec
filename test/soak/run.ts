import { readCommandLine } from '../../scripts/command-line.ts';
import { lineOf, runSoak } from './soak.ts';

const usage = `npm run test:soak -- [--minutes N] [--seed N] [--rate N]

Steady work over all six automations, 30 minutes at 60 events a minute unless told, judged by what the service keeps: memory, files, rows.
See docs/reliability.md.`;
const number = { type: 'string' } as const;
const { values, whole } = readCommandLine(usage, { minutes: number, seed: number, rate: number });
const minutes = whole('--minutes', values.minutes, 30);
const seed = whole('--seed', values.seed, 1);
const eventsPerMinute = whole('--rate', values.rate, 60);
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
