import { parseArgs } from 'node:util';
import { type ChaosOptions, runChaos } from './chaos.ts';

/** `npm run test:chaos -- [--seed N] [--events N] [--database sqlite|postgres] [--processes N]`; see docs/reliability.md. */
const options = readOptions();
const command = `--seed ${options.seed} --events ${options.events} --database ${options.database} --processes ${options.processes}`;
console.log(`npm run test:chaos -- ${command}`);
// Ctrl-C ends what was started, too.
process.once('SIGINT', () => process.exit(130));
const figures = await runChaos(options, line => console.log(line));
for (const line of figures.lost) console.log(`lost: ${line}`);
for (const line of figures.duplicated) console.log(`duplicated: ${line}`);
const seconds = (time: number) => (time / 1000).toFixed(1);
const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, one) => all + one, 0);
const list = (counts: Record<string, number>) =>
  Object.entries(counts)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', ');
console.log(`events: ${list(figures.eventsByKind)}`);
console.log(`faults: ${list(figures.faults)}`);
console.log(
  `kills: service ${figures.kills}, database ${figures.databaseKills}; a process stood still ${figures.pauses} times`,
);
console.log(`played in ${seconds(figures.played)} s, quiet ${seconds(figures.quiet)} s later`);
const kills = figures.kills + figures.databaseKills;
console.log(
  `events ${figures.events} faults ${sum(figures.faults)} kills ${kills} lost ${figures.lost.length} duplicated ${figures.duplicated.length}`,
);
process.exitCode = figures.lost.length + figures.duplicated.length === 0 ? 0 : 1;

function readOptions(): ChaosOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { seed: text, events: text, database: text, processes: text } });
  const whole = (name: 'seed' | 'events' | 'processes', least: number, otherwise: number): number => {
    const number = Number(values[name] ?? otherwise);
    if (!Number.isSafeInteger(number) || number < least) throw new Error(`--${name} must be a whole number`);
    return number;
  };
  const { database = 'sqlite' } = values;
  if (database !== 'sqlite' && database !== 'postgres') throw new Error('--database must be sqlite or postgres');
  const processes = whole('processes', 1, database === 'sqlite' ? 1 : 3);
  if (database === 'sqlite' && processes > 1) throw new Error('SQLite belongs to one process');
  return {
    seed: whole('seed', 0, Math.floor(Math.random() * 1e9)),
    events: whole('events', 1, 1000),
    database,
    processes,
  };
}
