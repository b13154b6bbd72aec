import { readFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../src/sandbox/start-sandbox.ts';
import type { Database } from '../src/storage/database.ts';
import { openPostgres } from '../src/storage/postgres/open-postgres.ts';
import { openSqlite } from '../src/storage/sqlite/open-sqlite.ts';
import { createDatabase, type PostgresServer, startPostgres } from '../test/support/postgres.ts';
import { install } from '../test/support/service-process.ts';
import { fillJournal } from './scale/fill-journal.ts';

/**
 * `npm run bench:pages [-- rows]`: how long a running service takes to answer what the dashboard and `explain` ask, over HTTP, with so many
 * rows in its journal and a tenth as many keys and decisions; on each engine. Asserts no times.
 */
const ROWS = Number(process.argv[2] ?? 1_000_000);
const TIMES = 200;
const STEP = 100_000;

const keyOf = (n: number) => {
  const key = 1 + ((n * 7919) % (ROWS / 10 - 1));
  return encodeURIComponent(`merge-request:acme/p${(key * 10) % 97}!${key}`);
};
const QUESTIONS: Record<string, (n: number) => string> = {
  'explain a key': n => `/v1/explain?key=${keyOf(n)}`,
  'overview: what needs a hand': () => '/v1/overview',
  'journal: newest page': () => '/v1/journal?brief=true&limit=60',
  'journal: a page in the middle': n => `/v1/journal?brief=true&limit=60&before=${Math.floor(ROWS / 2) - n}`,
  'journal: one row': n => `/v1/journal/${1 + ((n * 7919) % ROWS)}`,
  'journal: of a kind': () => '/v1/journal?brief=true&limit=60&kind=effect',
  'journal: of a key': n => `/v1/journal?brief=true&limit=60&key=${keyOf(n)}`,
  'journal: a word that is everywhere': () => '/v1/journal?brief=true&limit=60&text=thread',
  'journal: a word that is nowhere (first part)': () => '/v1/journal?brief=true&limit=60&text=needle',
  'merge guard: newest page': () => '/v1/merge-guard?limit=50',
  'keys, in any state': () => '/v1/work',
  'keys that are due': () => '/v1/work?state=due',
  'figures of releases': () => '/v1/figures/releases',
  '/metrics': () => '/metrics',
};

const server = await startPostgres();
try {
  const measured = { sqlite: await measure('sqlite', server), postgres: await measure('postgres', server) };
  console.log(`\n| ${ROWS} rows, over HTTP, p50 / p99 ms of ${TIMES} | SQLite | PostgreSQL |\n|---|---|---|`);
  for (const name of Object.keys(QUESTIONS)) {
    console.log(`| ${name} | ${measured.sqlite[name]} | ${measured.postgres[name]} |`);
  }
  const load = loadavg().map(each => each.toFixed(1));
  console.log(`\nload average ${load.join(' ')}, Node ${process.version}`);
} finally {
  await server.remove();
}

async function measure(engine: 'sqlite' | 'postgres', { url }: PostgresServer): Promise<Record<string, string>> {
  const sandbox = await startSandbox();
  const place = engine === 'postgres' ? await createDatabase(url) : undefined;
  const one = await install(sandbox.gitlab.url, undefined, place ? { postgres: place.url } : {});
  try {
    // The first start makes the data directory.
    await (await one.serve()).stop();
    const file = join(one.directory, 'data', 'signalbox.db');
    await fill(await (place ? openPostgres(place.url) : openSqlite(file)));
    const service = await one.serve();
    const answers = await askAll(one.directory);
    await service.stop();
    return answers;
  } finally {
    await one.remove();
    await place?.drop();
    await sandbox.close();
  }
}

async function fill(database: Database): Promise<void> {
  // What the first start has written is few rows; its own stand after them.
  await database.query.deleteFrom('journal').execute();
  for (let from = 0; from < ROWS; from += STEP) await fillJournal(database, from, Math.min(ROWS, from + STEP));
  await database.close();
}

async function askAll(directory: string): Promise<Record<string, string>> {
  const text = await readFile(join(directory, 'data', 'control.json'), 'utf8');
  const { url, token } = JSON.parse(text) as { url: string; token: string };
  const measured: Record<string, string> = {};
  for (const [name, pathOf] of Object.entries(QUESTIONS)) {
    const times: number[] = [];
    for (let n = -20; n < TIMES; n++) {
      const began = performance.now();
      const answer = await fetch(`${url}${pathOf(n + 20)}`, { headers: { authorization: `Bearer ${token}` } });
      await answer.text();
      if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
      // The first ones warm up.
      if (n >= 0) times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    measured[name] = `${times[TIMES / 2]!.toFixed(1)} / ${times[Math.floor(TIMES * 0.99)]!.toFixed(1)}`;
  }
  return measured;
}
