import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCommandLine } from '../scripts/command-line.ts';
import { openPostgres } from '../src/storage/postgres/open-postgres.ts';
import { openSqlite } from '../src/storage/sqlite/open-sqlite.ts';
import { createDatabase, startPostgres } from '../test/support/postgres.ts';
import { fillJournal } from './scale/fill-journal.ts';
import { type Latency, measureLatency } from './scale/latency.ts';
import { measureThroughput, type Throughput } from './scale/throughput.ts';

const usage = `npm run bench:scale -- [EVENTS [ROWS]]

What an event costs on each engine, with 1 to 8 processes, and how questions and writes slow down from 10^3 to 10^6 rows; 1600 events and
1000000 rows unless told. Asserts no times.`;
const { positionals, whole } = readCommandLine(usage, {}, 2);
const EVENTS = whole('EVENTS', positionals[0], 1600);
const ROWS = whole('ROWS', positionals[1], 1_000_000, 1000);
/** What a look waits for, all its questions together, ms. */
const GITLAB_ANSWERS = 300;
const PROCESSES = [1, 2, 4, 8];
const SIZES = [1_000, 10_000, 100_000, 1_000_000].filter(size => size <= ROWS);

const server = await startPostgres();
try {
  const throughputs: Throughput[] = [];
  for (const wait of [0, GITLAB_ANSWERS]) {
    const events = wait === 0 ? EVENTS : EVENTS / 2;
    throughputs.push(await measureThroughput({ engine: 'sqlite', processes: 1, wait, events }, server));
    for (const processes of PROCESSES) {
      throughputs.push(await measureThroughput({ engine: 'postgres', processes, wait, events }, server));
    }
  }
  printThroughputs(throughputs);
  for (const engine of ['sqlite', 'postgres'] as const) await printLatencies(engine);
  console.log(
    `\nload average ${loadavg()
      .map(each => each.toFixed(1))
      .join(' ')}, Node ${process.version}`,
  );
} finally {
  await server.remove();
}

function printThroughputs(measured: readonly Throughput[]): void {
  console.log('| engine | processes | a look waits | events/s | CPU ms an event, ours | the server’s |');
  console.log('|---|---|---|---|---|---|');
  for (const { engine, processes, wait, perSecond, cpu, serverCpu } of measured) {
    console.log(
      `| ${engine} | ${processes} | ${wait} ms | ${perSecond.toFixed(0)} | ${cpu.toFixed(2)} | ${serverCpu.toFixed(2)} |`,
    );
  }
}

async function printLatencies(engine: 'sqlite' | 'postgres'): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-rows-'));
  const place = engine === 'postgres' ? await createDatabase(server.url) : undefined;
  const database = place ? await openPostgres(place.url) : await openSqlite(join(directory, 'signalbox.db'));
  const columns: Record<string, Latency>[] = [];
  let rows = 0;
  for (const size of SIZES) {
    await fillJournal(database, rows, size);
    columns.push(await measureLatency(database, size));
    // What measuring has written.
    const head = await database.query.selectFrom('journal').select('seq').orderBy('seq', 'desc').limit(1).execute();
    rows = Math.ceil(Number(head[0]?.seq ?? 0) / 10) * 10;
  }
  console.log(
    `\n| ${engine}, p50 / p99 ms | ${SIZES.join(' rows | ')} rows |\n|---|${SIZES.map(() => '---|').join('')}`,
  );
  for (const name of Object.keys(columns[0]!)) {
    const cells = columns.map(each => `${each[name]!.p50.toFixed(2)} / ${each[name]!.p99.toFixed(2)}`);
    console.log(`| ${name} | ${cells.join(' | ')} |`);
  }
  await database.close();
  await place?.drop();
  await rm(directory, { recursive: true, force: true });
}
