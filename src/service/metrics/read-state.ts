import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { RELEASE, type ReleaseDocument } from '../../automations/release/model.ts';
import type { TokenFacts } from '../../automations/token-care/decide.ts';
import type { Database } from '../../storage/database.ts';
import type { Tables } from '../../storage/tables.ts';
import { failedRuns, LOOKED_THROUGH } from '../failed-runs.ts';

/** Behind every text with the same beginning. */
const LAST = '\u{10ffff}';

/** Read from indexes of the keys in each state: most keys are at rest. */
export async function workByKind({ query }: Database): Promise<{ kind: string; state: string; count: number }[]> {
  const [kinds, due, running, aside] = await Promise.all([
    kindsOfWork(query),
    countKinds(query, 'due_at'),
    countKinds(query, 'owner'),
    countKinds(query, 'dead_at'),
  ]);
  const states = Object.entries({ due, running, laid_aside: aside });
  return kinds.flatMap(kind => states.map(([state, counts]) => ({ kind, state, count: counts.get(kind) ?? 0 })));
}

async function countKinds(query: Kysely<Tables>, column: 'due_at' | 'owner' | 'dead_at'): Promise<Map<string, number>> {
  const rows = await query
    .selectFrom('work')
    .select(({ fn }) => ['kind', fn.countAll().as('count')])
    .where(column, 'is not', null)
    .groupBy('kind')
    .execute();
  return new Map(rows.map(({ kind, count }) => [kind, Number(count)]));
}

/** The first key of each kind, and from there to the first of the next: keys begin with their kind. */
async function kindsOfWork(query: Kysely<Tables>): Promise<string[]> {
  const { rows } = await sql<{ kind: string }>`
    with recursive first(key) as (
      select min(key) from work
      union all
      select (
        select min(key) from work where key > (
          select case when kind = key then key else kind || ':' || ${LAST} end from work where key = first.key
        )
      ) from first where key is not null
    )
    select (select kind from work where key = first.key) as kind from first where key is not null`.execute(query);
  return rows.map(row => row.kind);
}

/** Of keys that somebody here looks at; those of an automation that is switched off wait for as long as it is. */
export async function overdueSeconds({ query }: Database, kinds: readonly string[], now: number): Promise<number> {
  if (kinds.length === 0) return 0;
  const row = await query
    .selectFrom('work')
    .select(({ fn }) => fn.min('due_at').as('first'))
    .where('due_at', 'is not', null)
    .where('owner', 'is', null)
    .where('kind', 'in', [...kinds])
    .executeTakeFirst();
  return row?.first == null ? 0 : Math.max(0, now - Number(row.first)) / 1000;
}

export async function journalRows({ query }: Database): Promise<number> {
  const row = await query.selectFrom('journal').select(sql<number>`max(seq)`.as('rows')).executeTakeFirst();
  return Number(row?.rows ?? 0);
}

/** Zero where the database is not a file of ours. */
export async function databaseBytes(dataDirectory: string): Promise<number> {
  const sizes = ['signalbox.db', 'signalbox.db-wal'].map(name =>
    stat(join(dataDirectory, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** The tokens that end one day, by what they are for: `gitlab`, `gitlab-ops`; the time in ms since the epoch. */
export async function tokenEnds({ query }: Database): Promise<{ token: string; endsAt: number }[]> {
  const rows = await query
    .selectFrom('records')
    .select(['key', 'facts'])
    .where('automation', '=', 'token-care')
    .execute();
  return rows.flatMap(({ key, facts }) => {
    const { expiresAt } = JSON.parse(facts) as TokenFacts;
    return expiresAt === null ? [] : [{ token: key.slice('token:'.length), endsAt: Date.parse(expiresAt) }];
  });
}

interface ReleaseStates {
  releases: { product: string; state: string; count: number }[];
  runs: { product: string; environment: string; state: string; count: number }[];
  /** As the page Now shows them. */
  failing: { product: string; environment: string; count: number }[];
}

/** Of the releases changed last: a scrape must not read all there ever were. */
export async function releaseStates({ query }: Database): Promise<ReleaseStates> {
  const rows = await query
    .selectFrom('documents')
    .select('body')
    .where('kind', '=', RELEASE)
    .orderBy('changed_at', 'desc')
    .limit(LOOKED_THROUGH)
    .execute();
  const all = rows.map(row => JSON.parse(row.body) as ReleaseDocument);
  return {
    releases: count(all.map(({ product, state }) => ({ product, state }))),
    runs: count(
      all.flatMap(({ product, runs }) => runs.map(({ environment, state }) => ({ product, environment, state }))),
    ),
    failing: count(
      failedRuns(all).map(({ release, run }) => ({ product: release.product, environment: run.environment })),
    ),
  };
}

function count<Row extends object>(rows: readonly Row[]): (Row & { count: number })[] {
  const counted = new Map<string, Row & { count: number }>();
  for (const row of rows) {
    const key = JSON.stringify(row);
    const known = counted.get(key);
    if (known) known.count++;
    else counted.set(key, { ...row, count: 1 });
  }
  return [...counted.values()];
}
