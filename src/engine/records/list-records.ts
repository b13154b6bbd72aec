import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Tables } from '../../storage/tables.ts';
import { type DecisionRecord, toDecisionRecord } from './record-decision.ts';

export interface RecordQuery {
  automation: string;
  /** Only keys that begin with it: `merge-request:`. */
  keys: string;
  /** Only verdicts that begin with one of these, of 40 characters at most: as much is in the index. */
  verdicts?: readonly string[] | undefined;
  /** Only keys with this text in them, in any case. */
  text?: string | undefined;
  /** Only those after this one: where the last page ended. */
  after?: { since: number; key: string } | undefined;
  limit: number;
}

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
  /** The newest effect on each of the keys that have one. */
  lastEffects(keys: readonly string[]): Promise<Map<string, LastEffect>>;
}

export function createRecords(database: Kysely<Tables>): Records {
  return {
    list: query => listRecords(database, query),
    count: query => countRecords(database, query),
    lastEffects: keys => lastEffects(database, keys),
  };
}

/** The newest decision on each of many keys, those that changed last first. */
export async function listRecords(database: Kysely<Tables>, query: RecordQuery): Promise<DecisionRecord[]> {
  // The keys from the index alone, then the rows: facts are long, and most of them are not wanted.
  let select = database
    .selectFrom('records')
    .select('key')
    .where('automation', '=', query.automation)
    .where(sql<boolean>`key like ${begins(query.keys)} escape '!'`);
  const { verdicts, text, after } = query;
  if (verdicts) {
    select = select.where(builder =>
      builder.or(verdicts.map(verdict => sql<boolean>`substr(verdict, 1, 40) like ${begins(verdict)} escape '!'`)),
    );
  }
  if (text !== undefined) {
    select = select.where(sql<boolean>`lower(key) like ${`%${escapeLike(text.toLowerCase())}%`} escape '!'`);
  }
  if (after) {
    select = select.where(builder =>
      builder.or([
        builder('since', '<', after.since),
        builder.and([builder('since', '=', after.since), builder('key', '>', after.key)]),
      ]),
    );
  }
  const keys = (await select.orderBy('since', 'desc').orderBy('key').limit(query.limit).execute()).map(row => row.key);
  if (keys.length === 0) return [];
  const rows = await database.selectFrom('records').selectAll().where('key', 'in', keys).execute();
  const byKey = new Map(rows.map(row => [row.key, row]));
  return keys.flatMap(key => {
    const row = byKey.get(key);
    return row ? [toDecisionRecord(row)] : [];
  });
}

/** How many keys have verdicts that begin so. */
export async function countRecords(
  database: Kysely<Tables>,
  query: Pick<RecordQuery, 'automation' | 'keys' | 'verdicts'>,
): Promise<number> {
  let select = database
    .selectFrom('records')
    .select(builder => builder.fn.countAll().as('count'))
    .where('automation', '=', query.automation)
    .where(sql<boolean>`key like ${begins(query.keys)} escape '!'`);
  const { verdicts } = query;
  if (verdicts) {
    select = select.where(builder =>
      builder.or(verdicts.map(verdict => sql<boolean>`substr(verdict, 1, 40) like ${begins(verdict)} escape '!'`)),
    );
  }
  return Number((await select.executeTakeFirst())?.count ?? 0);
}

/** Nothing was decided yet: for a dry run without a database. */
export function noRecords(): Records {
  return { list: async () => [], count: async () => 0, lastEffects: async () => new Map() };
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
