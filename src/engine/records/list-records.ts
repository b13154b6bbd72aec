import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Tables } from '../../storage/tables.ts';
import type { Json } from '../json.ts';
import { kindOf } from '../work/work-store.ts';
import { type DecisionRecord, toDecisionRecord } from './record-decision.ts';

export interface RecordQuery {
  automation: string;
  /** Only keys of this kind: `merge-request:`. */
  keys: string;
  /** There are few of them, among many others of the automation. */
  few?: boolean;
  /** Only verdicts that begin with one of these, of two letters at least; counts tell them apart by the first eight. */
  verdicts?: readonly string[] | undefined;
  /** Only keys with this text in them, in any case. */
  text?: string | undefined;
  /** Only those after this one: where the last page ended. */
  after?: { since: number; key: string } | undefined;
  limit: number;
}

/** As many letters are in the index by states, and in the counts; see migrations/0005-pages.ts. */
const STATE = 2;
const HEAD = 8;
/** Behind every text with the same beginning. */
const LAST = '\u{10ffff}';

/** What an effect came to, newest of its key. */
export interface LastEffect {
  key: string;
  summary: string;
  state: string;
  at: number;
}

/** Reads what was decided, for the lists of an automation. */
export interface Records {
  list(query: RecordQuery): Promise<DecisionRecord[]>;
  count(query: Pick<RecordQuery, 'automation' | 'keys' | 'verdicts'>): Promise<number>;
  /** The facts of keys that were looked at since a time, the last ones first. */
  lookedAt(query: LookedAtQuery): Promise<LookedAt[]>;
  /** The newest effect on each of the keys that have one. */
  lastEffects(keys: readonly string[]): Promise<Map<string, LastEffect>>;
}

export function createRecords(database: Kysely<Tables>): Records {
  return {
    list: query => listRecords(database, query),
    count: query => countRecords(database, query),
    lookedAt: query => listLookedAt(database, query),
    lastEffects: keys => lastEffects(database, keys),
  };
}

/** The newest decision on each of many keys, those that changed last first. */
export async function listRecords(database: Kysely<Tables>, query: RecordQuery): Promise<DecisionRecord[]> {
  // The keys from an index, then the rows: facts are long, and most of them are not wanted.
  const found = query.verdicts
    ? await listStates(database, query, query.verdicts)
    : await select(database, query).execute();
  const keys = found.map(row => row.key);
  if (keys.length === 0) return [];
  const rows = await database.selectFrom('records').selectAll().where('key', 'in', keys).execute();
  const byKey = new Map(rows.map(row => [row.key, row]));
  return keys.flatMap(key => {
    const row = byKey.get(key);
    return row ? [toDecisionRecord(row)] : [];
  });
}

/** Each state is in order in its index; all of them together are not. */
async function listStates(database: Kysely<Tables>, query: RecordQuery, verdicts: readonly string[]) {
  const states = [...Map.groupBy(verdicts, verdict => verdict.slice(0, STATE))].map(([state, those]) =>
    select(database, query)
      .where(sql<boolean>`substr(verdict, 1, ${sql.lit(STATE)}) = ${state}`)
      .where(builder => builder.or(those.map(verdict => sql<boolean>`verdict like ${begins(verdict)} escape '!'`)))
      .execute(),
  );
  return (await Promise.all(states))
    .flat()
    .toSorted((a, b) => Number(b.since) - Number(a.since) || (a.key < b.key ? -1 : 1))
    .slice(0, query.limit);
}

function select(database: Kysely<Tables>, { automation, keys, few, text, after, limit }: RecordQuery) {
  let rows = database.selectFrom('records').select(['key', 'since']);
  rows = few
    ? // By name: in the order of time they would be looked for among all others of the automation.
      rows
        .where('key', '>=', keys)
        .where('key', '<', `${keys}${LAST}`)
        .where(sql<boolean>`automation || '' = ${automation}`)
    : rows.where('automation', '=', automation).where(sql<boolean>`key like ${begins(keys)} escape '!'`);
  if (text !== undefined) {
    rows = rows.where(sql<boolean>`lower(key) like ${`%${escapeLike(text.toLowerCase())}%`} escape '!'`);
  }
  if (after) {
    rows = rows
      // For the index; the rows of the same moment are told apart below.
      .where('since', '<=', after.since)
      .where(builder =>
        builder.or([
          builder('since', '<', after.since),
          builder.and([builder('since', '=', after.since), builder('key', '>', after.key)]),
        ]),
      );
  }
  return rows.orderBy('since', 'desc').orderBy('key').limit(limit);
}

export interface LookedAtQuery {
  automation: string;
  /** Only keys of this kind: `merge-request:`. */
  keys: string;
  /** Looked at then or later, ms since the epoch. */
  since: number;
  /** Only those before this one: where the last page ended. */
  before?: { decidedAt: number; key: string } | undefined;
  limit: number;
}

export interface LookedAt {
  key: string;
  decidedAt: number;
  facts: Json;
}

async function listLookedAt(
  database: Kysely<Tables>,
  { automation, keys, since, before, limit }: LookedAtQuery,
): Promise<LookedAt[]> {
  let rows = database
    .selectFrom('records')
    .select(['key', 'decided_at', 'facts'])
    .where('automation', '=', automation)
    .where('decided_at', '>=', since)
    .where(sql<boolean>`key like ${begins(keys)} escape '!'`);
  if (before) {
    rows = rows
      // For the index; the rows of the same moment are told apart below.
      .where('decided_at', '<=', before.decidedAt)
      .where(builder =>
        builder.or([
          builder('decided_at', '<', before.decidedAt),
          builder.and([builder('decided_at', '=', before.decidedAt), builder('key', '>', before.key)]),
        ]),
      );
  }
  const found = await rows.orderBy('decided_at', 'desc').orderBy('key').limit(limit).execute();
  return found.map(row => ({ key: row.key, decidedAt: Number(row.decided_at), facts: JSON.parse(row.facts) as Json }));
}

/** How many keys have verdicts that begin so, from the counts that are kept. */
export async function countRecords(
  database: Kysely<Tables>,
  { automation, keys, verdicts }: Pick<RecordQuery, 'automation' | 'keys' | 'verdicts'>,
): Promise<number> {
  let counts = database
    .selectFrom('verdict_counts')
    .select(builder => builder.fn.sum('count').as('count'))
    .where('automation', '=', automation)
    .where('kind', '=', kindOf(keys));
  if (verdicts) {
    const heads = verdicts.map(verdict => begins(verdict.slice(0, HEAD)));
    counts = counts.where(builder => builder.or(heads.map(head => sql<boolean>`head like ${head} escape '!'`)));
  }
  return Number((await counts.executeTakeFirst())?.count ?? 0);
}

/** Nothing was decided yet: for a dry run without a database. */
export function noRecords(): Records {
  return { list: async () => [], count: async () => 0, lookedAt: async () => [], lastEffects: async () => new Map() };
}

async function lastEffects(database: Kysely<Tables>, keys: readonly string[]): Promise<Map<string, LastEffect>> {
  if (keys.length === 0) return new Map();
  const rows = await database
    .selectFrom('effects')
    .select(['key', 'summary', 'state', 'started_at', 'finished_at'])
    .where('key', 'in', keys)
    .orderBy('started_at')
    .execute();
  return new Map(
    rows.map(({ key, summary, state, started_at, finished_at }) => [
      key,
      { key, summary, state, at: Number(finished_at ?? started_at) },
    ]),
  );
}

/** Where a list goes on, as a caller gets and gives it: `1763900000000 merge-request:acme/appliance!12`. */
export function placeOf({ since, key }: Pick<DecisionRecord, 'since' | 'key'>): string {
  return `${since} ${key}`;
}

export function readPlace(place: string | undefined): { since: number; key: string } | undefined {
  const match = /^(\d{1,15}) (.+)$/s.exec(place ?? '');
  return match ? { since: Number(match[1]), key: match[2]! } : undefined;
}

function begins(prefix: string): string {
  return `${escapeLike(prefix)}%`;
}

function escapeLike(text: string): string {
  return text.replace(/[!%_]/g, '!$&');
}
