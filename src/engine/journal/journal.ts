import { hash } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import { sql } from 'kysely';
import type { Tables } from '../../storage/tables.ts';
import type { Json } from '../json.ts';
import type { JournalKind } from './journal-kinds.ts';

export type { JournalKind };

export interface JournalEntry {
  at: number;
  kind: JournalKind;
  key: string | null;
  data: Json;
}

export interface JournalRow extends JournalEntry {
  seq: number;
  hash: string;
}

/** What the first row is chained to. */
const GENESIS = '0'.repeat(64);

/**
 * Appends rows to the journal inside the transaction that they describe. Each row's hash covers the one before it, so that
 * a row that was edited, removed or slipped in shows.
 *
 * @returns the sequence number of the last row
 */
export async function appendJournal(
  transaction: Transaction<Tables>,
  entries: readonly JournalEntry[],
  engine: 'sqlite' | 'postgres',
): Promise<number> {
  // On PostgreSQL several writers come at once; the chain has one end.
  if (engine === 'postgres') await sql`select pg_advisory_xact_lock(7230115)`.execute(transaction);
  const last = await transaction
    .selectFrom('journal')
    .select(['seq', 'hash'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  let seq = Number(last?.seq ?? 0);
  let previous = last?.hash ?? GENESIS;
  const rows = entries.map(entry => {
    seq++;
    const data = JSON.stringify(entry.data);
    previous = rowHash(previous, { seq, at: entry.at, kind: entry.kind, key: entry.key, data });
    return { seq, at: entry.at, kind: entry.kind, key: entry.key, data, hash: previous };
  });
  if (rows.length > 0) await transaction.insertInto('journal').values(rows).execute();
  return seq;
}

export interface JournalQuery {
  key?: string;
  kind?: JournalKind;
  /** Only rows before this sequence number: for paging backwards. */
  before?: number;
  /** Only rows after this sequence number, oldest first: for following. */
  after?: number;
  /** At most so many rows; 50 unless told, 500 at most. */
  limit?: number;
}

/** Reads the journal, newest first (oldest first with `after`). */
export async function readJournal(database: Kysely<Tables>, query: JournalQuery = {}): Promise<JournalRow[]> {
  let select = database.selectFrom('journal').selectAll();
  if (query.key !== undefined) select = select.where('key', '=', query.key);
  if (query.kind !== undefined) select = select.where('kind', '=', query.kind);
  if (query.before !== undefined) select = select.where('seq', '<', query.before);
  if (query.after !== undefined) select = select.where('seq', '>', query.after);
  const rows = await select
    .orderBy('seq', query.after === undefined ? 'desc' : 'asc')
    .limit(Math.min(query.limit ?? 50, 500))
    .execute();
  return rows.map(toJournalRow);
}

/** A row of the table as everybody else sees it. */
export function toJournalRow(row: Tables['journal']): JournalRow {
  return {
    seq: Number(row.seq),
    at: Number(row.at),
    kind: row.kind as JournalKind,
    key: row.key,
    data: JSON.parse(row.data) as Json,
    hash: row.hash,
  };
}

export type JournalProof =
  | { ok: true; rows: number; head: string }
  | { ok: false; rows: number; brokenAt: number; detail: string };

const PAGE = 2000;

/** Recomputes every hash from the first row on. */
export async function verifyJournal(database: Kysely<Tables>): Promise<JournalProof> {
  let previous = GENESIS;
  let seq = 0;
  for (;;) {
    const rows = await database
      .selectFrom('journal')
      .selectAll()
      .where('seq', '>', seq)
      .orderBy('seq', 'asc')
      .limit(PAGE)
      .execute();
    for (const row of rows) {
      const found = Number(row.seq);
      if (found !== seq + 1) {
        return { ok: false, rows: seq, brokenAt: seq + 1, detail: `row ${seq + 1} is missing` };
      }
      const expected = rowHash(previous, { ...row, seq: found, at: Number(row.at) });
      if (expected !== row.hash) {
        return { ok: false, rows: seq, brokenAt: found, detail: `row ${found} was changed after it was written` };
      }
      previous = row.hash;
      seq = found;
    }
    if (rows.length < PAGE) return { ok: true, rows: seq, head: previous };
  }
}

function rowHash(
  previous: string,
  row: { seq: number; at: number; kind: string; key: string | null; data: string },
): string {
  return hash('sha256', `${previous}\n${row.seq}\n${row.at}\n${row.kind}\n${row.key ?? ''}\n${row.data}`, 'hex');
}
