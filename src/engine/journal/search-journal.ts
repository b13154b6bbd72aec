import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Tables } from '../../storage/tables.ts';
import { type JournalKind, type JournalRow, toJournalRow } from './journal.ts';

export interface JournalSearch {
  key?: string | undefined;
  kind?: JournalKind | undefined;
  /** In the key or in what is written down, in any case. */
  text?: string | undefined;
  /** From and until (ms since the epoch). */
  from?: number | undefined;
  to?: number | undefined;
  /** Only rows before this sequence number: where the last page ended. */
  before?: number | undefined;
  limit: number;
}

export interface JournalPage {
  rows: JournalRow[];
  /** Ask again with `before` at this number; null when the beginning is reached. */
  next: number | null;
  /** The newest row there is, found or not: how far the search has come can be told from it. */
  head: number;
}

/** Rows looked through in one query; between two of them others have their turn. */
const STRETCH = 2_000;
/** A page is answered after this long with what was found, and the next one goes on from there. */
const PATIENCE = 45;

/**
 * Looks through the journal backwards. A million rows are not searched in one go: a page ends when it is full or its time is
 * over, and says where to go on, so that no answer is slow and no query keeps writers waiting.
 */
export async function searchJournal(database: Kysely<Tables>, search: JournalSearch): Promise<JournalPage> {
  const head = await headOf(database);
  const ceiling = search.to === undefined ? head + 1 : await firstAfter(database, search.to, head);
  const floor = search.from === undefined ? 1 : await firstAfter(database, search.from - 1, head);
  let before = Math.min(search.before ?? ceiling, ceiling);
  const rows: JournalRow[] = [];
  const started = performance.now();
  const stretch = search.text === undefined ? Number.POSITIVE_INFINITY : STRETCH;
  while (before > floor) {
    const from = Math.max(floor, before - stretch);
    const wanted = search.limit - rows.length;
    const found = await readStretch(database, search, { from, before, limit: wanted });
    rows.push(...found);
    if (found.length === wanted) return { rows, next: last(found).seq > floor ? last(found).seq : null, head };
    before = from;
    if (performance.now() - started > PATIENCE) break;
  }
  return { rows, next: before > floor ? before : null, head };
}

async function readStretch(
  database: Kysely<Tables>,
  { key, kind, text }: JournalSearch,
  { from, before, limit }: { from: number; before: number; limit: number },
): Promise<JournalRow[]> {
  let select = database.selectFrom('journal').selectAll().where('seq', '>=', from).where('seq', '<', before);
  if (key !== undefined) select = select.where('key', '=', key);
  if (kind !== undefined) select = select.where('kind', '=', kind);
  if (text !== undefined) {
    const inData = contains(JSON.stringify(text).slice(1, -1));
    const inKey = contains(text);
    select = select.where(builder =>
      builder.or([
        sql<boolean>`lower(data) like ${inData} escape '!'`,
        sql<boolean>`lower(key) like ${inKey} escape '!'`,
      ]),
    );
  }
  const rows = await select.orderBy('seq', 'desc').limit(limit).execute();
  return rows.map(toJournalRow);
}

/** One row with everything in it; null when there is none with this number. */
export async function readJournalRow(database: Kysely<Tables>, seq: number): Promise<JournalRow | null> {
  const row = await database.selectFrom('journal').selectAll().where('seq', '=', seq).executeTakeFirst();
  return row ? toJournalRow(row) : null;
}

/** The number of the newest row; they are numbered from 1 without a gap. */
export async function headOf(database: Kysely<Tables>): Promise<number> {
  const row = await database.selectFrom('journal').select('seq').orderBy('seq', 'desc').limit(1).executeTakeFirst();
  return Number(row?.seq ?? 0);
}

/** The first row after a time: rows are written in the order of time, so halving finds it in a score of steps. */
async function firstAfter(database: Kysely<Tables>, time: number, head: number): Promise<number> {
  let low = 1;
  let high = head + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = await database.selectFrom('journal').select('at').where('seq', '=', middle).executeTakeFirst();
    if (row && Number(row.at) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function contains(text: string): string {
  return `%${text.toLowerCase().replace(/[!%_]/g, '!$&')}%`;
}

function last(rows: readonly JournalRow[]): JournalRow {
  return rows.at(-1)!;
}
