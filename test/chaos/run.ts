import { readCommandLine } from '../../scripts/command-line.ts';
import { type ChaosOptions, runChaos } from './chaos.ts';

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
  const usage = `npm run test:chaos -- [--seed N] [--events N] [--database sqlite|postgres] [--processes N]

A random history with faults and kills, made by the seed, and a count of what was lost or done twice; exit code 1 when anything was. See
docs/reliability.md. Unless told: any seed, 1000 events, sqlite, 1 process (3 on postgres).`;
  const { values, refuse, whole } = readCommandLine(usage, {
    seed: text,
    events: text,
    database: text,
    processes: text,
  });
  const { database = 'sqlite' } = values;
  if (database !== 'sqlite' && database !== 'postgres') return refuse('--database must be sqlite or postgres');
  const processes = whole('--processes', values.processes, database === 'sqlite' ? 1 : 3);
  if (database === 'sqlite' && processes > 1) refuse('SQLite belongs to one process: --database postgres for more');
  return {
    seed: whole('--seed', values.seed, Math.floor(Math.random() * 1e9), 0),
    events: whole('--events', values.events, 1000),
    database,
    processes,
  };
}
