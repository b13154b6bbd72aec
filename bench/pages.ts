import { readFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { readCommandLine } from '../scripts/command-line.ts';
import { startSandbox } from '../src/sandbox/start-sandbox.ts';
import type { Database } from '../src/storage/database.ts';
import { openPostgres } from '../src/storage/postgres/open-postgres.ts';
import { openSqlite } from '../src/storage/sqlite/open-sqlite.ts';
import { createDatabase, type PostgresServer, startPostgres } from '../test/support/postgres.ts';
import { install } from '../test/support/service-process.ts';
import { fillAutomations } from './scale/fill-automations.ts';
import { BEGINNING, fillJournal } from './scale/fill-journal.ts';

const usage = `npm run bench:pages -- [ROWS [ENGINE]]

How long a running service takes to answer what the dashboard and explain ask, over HTTP, with so many rows in its journal, a tenth as many
merge requests, and half as many issues as those; 1000000 rows on sqlite and on postgres unless told. Asserts no times.`;
const { positionals, whole, refuse } = readCommandLine(usage, {}, 2);
const ROWS = whole('ROWS', positionals[0], 1_000_000, 1000);
const ENGINES = (['sqlite', 'postgres'] as const).filter(each => each === (positionals[1] ?? each));
if (ENGINES.length === 0) refuse('ENGINE must be sqlite or postgres');
const TIMES = 200;
/** No more of a question than in so many ms: twenty of one that is slow say enough. */
const PATIENCE = 2_000;
const LEAST = 20;
const STEP = 100_000;

const numberOf = (n: number) => 1 + ((n * 7919) % (ROWS / 10 - 1));
const keyOf = (n: number) => encodeURIComponent(`merge-request:acme/p${(numberOf(n) * 10) % 97}!${numberOf(n)}`);
const PLACE = encodeURIComponent(`${BEGINNING + (ROWS / 2) * 60_000} a`);
const QUESTIONS: Record<string, (n: number) => string> = {
  'explain a key': n => `/v1/explain?key=${keyOf(n)}`,
  'overview: what needs a hand': () => '/v1/overview',
  'journal: newest page': () => '/v1/journal?brief=true&limit=60',
  'journal: a page in the middle': n => `/v1/journal?brief=true&limit=60&before=${Math.floor(ROWS / 2) - n}`,
  'journal: of a time': n => `/v1/journal?brief=true&limit=60&to=${new Date(BEGINNING + n * 3_600_000).toISOString()}`,
  'journal: one row': n => `/v1/journal/${1 + ((n * 7919) % ROWS)}`,
  'journal: of a kind': () => '/v1/journal?brief=true&limit=60&kind=effect',
  'journal: of a key': n => `/v1/journal?brief=true&limit=60&key=${keyOf(n)}`,
  'journal: a word that is everywhere': () => '/v1/journal?brief=true&limit=60&text=thread',
  'journal: a word that is nowhere (first part)': () => '/v1/journal?brief=true&limit=60&text=needle',
  'merge guard: newest page': () => '/v1/merge-guard?limit=50',
  'merge guard: a page in the middle': () => `/v1/merge-guard?limit=50&after=${PLACE}`,
  'merge guard: in a state that is rare': () => '/v1/merge-guard?limit=50&state=unknown',
  'merge guard: in any state': () => '/v1/merge-guard?limit=50&state=all',
  'merge guard: one by its name': n => `/v1/merge-guard?state=all&text=${encodeURIComponent(`!${numberOf(n)}`)}`,
  'merge guard: a name that is nowhere': () => '/v1/merge-guard?state=all&text=needle',
  'board: newest page': () => '/v1/board?limit=50',
  'board: those that stay': () => '/v1/board?limit=50&state=stays',
  'board: a name that is nowhere': () => '/v1/board?limit=50&text=needle',
  escalations: () => '/v1/escalations',
  'escalations: a word that is nowhere': () => '/v1/escalations?text=needle',
  'races: newest page': () => '/v1/races',
  'races: by rank': () => '/v1/races?order=rank',
  'races: days': () => '/v1/races/days',
  'races: boxes': () => '/v1/races/boxes',
  'races: one': n => `/v1/races/${(n % 1000).toString(16).padStart(16, '0')}`,
  libraries: () => '/v1/libraries',
  'releases: newest page': () => '/v1/releases?order=newest&limit=500',
  'releases: by name': () => '/v1/releases',
  'releases: in a state that is rare': () => '/v1/releases?state=failed',
  'releases: one': n => `/v1/releases/appliance/5.4.${1 + (n % 500)}`,
  channels: () => '/v1/channels',
  'figures of releases': () => '/v1/figures/releases',
  'figures of the last hours': () => '/v1/figures/pulse',
  'keys, in any state': () => '/v1/work',
  'keys that are due': () => '/v1/work?state=due',
  'keys that are laid aside': () => '/v1/work?state=laid_aside',
  '/metrics': () => '/metrics',
  '/readyz': () => '/readyz',
};

/** Every automation; its projects are others than those that the rows tell of, so that nothing is asked or changed meanwhile. */
const sections = (gitlab: string, freshdesk: string) => (directory: string) =>
  `gitlab:
  url: ${gitlab}
  token: { file: ${directory}/token }
  webhook: { secret_tokens: [ { file: ${directory}/hook } ] }
freshdesk: { url: "${freshdesk}", api_key: { file: ${directory}/hook }, webhook_secret: { file: ${directory}/hook } }
lines: [ { name: "5.5", branch: main }, { name: "5.4", branch: release/5.4 }, { name: "5.3", branch: release/5.3 } ]
version_check: { projects: { acme/appliance: { version: [ { file: VERSION } ] } } }
board: { projects: { acme/appliance: { columns: [To Do, In Review, To Test], opened: In Review, merged: To Test } } }
races: { project: acme/appliance, label: race condition, sources: [ { name: box-1, token: { file: ${directory}/hook } } ] }
escalation: { project: acme/appliance, agents: [ { name: Ada, token: { file: ${directory}/hook } } ] }
library_tags: { projects: [acme/lib-ssh] }
releases:
  products:
    appliance:
      script: /bin/true
      credentials: [ { name: ci, secret: { file: ${directory}/hook } } ]
      environments: [development, production]
      retention: { releases: 100000 }
`;

const server = await startPostgres();
try {
  console.log(`${ROWS} rows, over HTTP, p50 / p99 ms of up to ${TIMES}, Node ${process.version}`);
  for (const engine of ENGINES) {
    console.log(`\n| ${engine} | p50 / p99 |\n|---|---|`);
    await measure(engine, server);
    const load = loadavg().map(each => each.toFixed(1));
    console.log(`\nload average ${load.join(' ')}`);
  }
} finally {
  await server.remove();
}

async function measure(engine: 'sqlite' | 'postgres', { url }: PostgresServer): Promise<void> {
  const sandbox = await startSandbox();
  const place = engine === 'postgres' ? await createDatabase(url) : undefined;
  const one = await install(
    '',
    sections(sandbox.gitlab.url, sandbox.freshdesk.url),
    place ? { postgres: place.url } : {},
  );
  try {
    // The first start makes the data directory.
    await (await one.serve()).stop();
    const file = join(one.directory, 'data', 'signalbox.db');
    await fill(await (place ? openPostgres(place.url) : openSqlite(file)));
    const service = await one.serve();
    await askAll(one.directory);
    await service.stop();
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
  await fillAutomations(database, ROWS / 10);
  await database.close();
}

async function askAll(directory: string): Promise<void> {
  const text = await readFile(join(directory, 'data', 'control.json'), 'utf8');
  const { url, token } = JSON.parse(text) as { url: string; token: string };
  for (const [name, pathOf] of Object.entries(QUESTIONS)) {
    const ask = async (n: number) => {
      const began = performance.now();
      const answer = await fetch(`${url}${pathOf(n)}`, { headers: { authorization: `Bearer ${token}` } });
      await answer.text();
      if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
      return performance.now() - began;
    };
    for (let n = 0; n < LEAST; n++) await ask(n);
    const times: number[] = [];
    const end = performance.now() + PATIENCE;
    while (times.length < TIMES && (times.length < LEAST || performance.now() < end)) {
      times.push(await ask(LEAST + times.length));
    }
    times.sort((a, b) => a - b);
    const at = (part: number) => times[Math.floor(times.length * part)]!.toFixed(1);
    console.log(`| ${name} | ${at(0.5)} / ${at(0.99)} |`);
  }
}
