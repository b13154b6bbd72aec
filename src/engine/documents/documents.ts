import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../../storage/database.ts';
import type { Tables } from '../../storage/tables.ts';
import type { Signal } from '../intake/delivery.ts';
import { appendJournal, type JournalKind } from '../journal/journal.ts';
import type { Json } from '../json.ts';
import type { Pace } from '../work/back-off.ts';
import { signalWork } from '../work/work-store.ts';

/** One document as it is stored. */
export interface StoredDocument<Body = unknown> {
  id: string;
  body: Body;
  /** One higher at each change; 1 when new. */
  revision: number;
  changedAt: number;
}

/** One change of a document; `body: null` removes it. */
export interface DocumentChange {
  kind: string;
  id: string;
  body: unknown;
  /** The revision that it replaces; 0 where there must be none yet. Left out, whatever is there is replaced. */
  replaces?: number;
}

/** What belongs together: documents, the keys to look at because of them, and journal rows. */
export interface Submission {
  changes?: readonly DocumentChange[];
  signals?: readonly Signal[];
  journal?: readonly { kind: JournalKind; key: string | null; data: Json }[];
}

export interface DocumentQuery {
  /** Only ids that begin with it. */
  prefix?: string;
  /** Only ids behind this one: for paging. */
  after?: string;
  /** At most so many; 1,000 unless told. */
  limit?: number;
  /** The last changed first; by id otherwise. */
  newest?: boolean;
  /** In the order in which they were changed, only those behind this place: for following changes. */
  changedAfter?: { changedAt: number; id: string };
}

/** What automations keep beyond one key's memory: JSON documents by kind and id, in the engine's one database. */
export interface Documents {
  read<Body>(kind: string, id: string): Promise<StoredDocument<Body> | null>;
  list<Body>(kind: string, query?: DocumentQuery): Promise<StoredDocument<Body>[]>;
  /** Stores all of a submission in one transaction, or nothing of it; false when a document is not at the revision it replaces. */
  submit(submission: Submission): Promise<boolean>;
  /**
   * Reads a document, asks what it shall become, and stores that together with what `next` adds, again if somebody was
   * faster. `next` may return null for no change; it must be pure, because it may be asked several times.
   */
  change<Body>(
    kind: string,
    id: string,
    next: (current: Body | null) => (Omit<Submission, 'changes'> & { body: Body | null }) | null,
  ): Promise<Body | null>;
}

export interface DocumentsOptions {
  database: Database;
  pace: Pace;
  now: () => number;
  /** Told after keys were made due. */
  wake: () => void;
}

const LIST_LIMIT = 1000;
const TRIES = 20;
/** Behind every text with the same beginning. */
const LAST = '\u{10ffff}';

export function createDocuments(options: DocumentsOptions): Documents {
  const { database, now, pace, wake } = options;

  async function submit(submission: Submission): Promise<boolean> {
    const { changes = [], signals = [], journal = [] } = submission;
    const at = now();
    const stored = await database
      .transaction(async transaction => {
        for (const change of changes.toSorted(inOrder)) await store(transaction, change, at);
        await signalWork(
          transaction,
          signals.map(signal => ({ ...signal, chain: null })),
          { pace, now: at, engine: database.engine },
        );
        if (journal.length > 0) {
          await appendJournal(
            transaction,
            journal.map(row => ({ ...row, at })),
            database.engine,
          );
        }
        return true;
      })
      .catch((error: unknown) => {
        if (error instanceof NotAtRevision) return false;
        throw error;
      });
    if (stored && signals.length > 0) wake();
    return stored;
  }

  return {
    submit,
    read: (kind, id) => read(database.query, kind, id),
    list: (kind, query = {}) => list(database.query, kind, query),
    change: async <Body>(
      kind: string,
      id: string,
      next: (current: Body | null) => (Omit<Submission, 'changes'> & { body: Body | null }) | null,
    ) => {
      for (let tries = 0; tries < TRIES; tries++) {
        const current = await read<Body>(database.query, kind, id);
        const wanted = next(current?.body ?? null);
        if (wanted === null) return current?.body ?? null;
        const { body, ...rest } = wanted;
        const change = { kind, id, body, replaces: current?.revision ?? 0 };
        if (await submit({ ...rest, changes: [change] })) return body;
      }
      throw new Error(`${kind} ${id} is changed by too many at once`);
    },
  };
}

/** Ends the transaction without a change. */
class NotAtRevision extends Error {}

/** In one order, so that two who change the same documents do not wait for each other. */
function inOrder(a: DocumentChange, b: DocumentChange): number {
  const [one, other] = [`${a.kind}\n${a.id}`, `${b.kind}\n${b.id}`];
  return one < other ? -1 : Number(one > other);
}

/** The revision is compared by the statement that replaces it: another process may be at the same document. */
async function store(transaction: Transaction<Tables>, change: DocumentChange, at: number): Promise<void> {
  if (change.replaces === undefined) await put(transaction, change, at);
  else if ((await replace(transaction, change, change.replaces, at)) !== 1) throw new NotAtRevision();
}

async function put(transaction: Transaction<Tables>, { kind, id, body }: DocumentChange, at: number): Promise<void> {
  if (body === null) {
    await transaction.deleteFrom('documents').where('kind', '=', kind).where('id', '=', id).execute();
    return;
  }
  const text = JSON.stringify(body);
  await transaction
    .insertInto('documents')
    .values({ kind, id, body: text, revision: 1, changed_at: at })
    .onConflict(conflict =>
      conflict.columns(['kind', 'id']).doUpdateSet(expression => ({
        body: text,
        revision: expression('documents.revision', '+', 1),
        changed_at: at,
      })),
    )
    .execute();
}

/** @returns 1, or 0 where the document is at another revision */
async function replace(
  transaction: Transaction<Tables>,
  { kind, id, body }: DocumentChange,
  revision: number,
  at: number,
): Promise<number> {
  if (revision === 0) {
    if (body === null) return (await read(transaction, kind, id)) ? 0 : 1;
    const inserted = await transaction
      .insertInto('documents')
      .values({ kind, id, body: JSON.stringify(body), revision: 1, changed_at: at })
      .onConflict(conflict => conflict.columns(['kind', 'id']).doNothing())
      .executeTakeFirst();
    return Number(inserted.numInsertedOrUpdatedRows);
  }
  if (body === null) {
    const { numDeletedRows } = await transaction
      .deleteFrom('documents')
      .where('kind', '=', kind)
      .where('id', '=', id)
      .where('revision', '=', revision)
      .executeTakeFirst();
    return Number(numDeletedRows);
  }
  const { numUpdatedRows } = await transaction
    .updateTable('documents')
    .set({ body: JSON.stringify(body), revision: revision + 1, changed_at: at })
    .where('kind', '=', kind)
    .where('id', '=', id)
    .where('revision', '=', revision)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

async function read<Body>(query: Kysely<Tables>, kind: string, id: string): Promise<StoredDocument<Body> | null> {
  const row = await query
    .selectFrom('documents')
    .selectAll()
    .where('kind', '=', kind)
    .where('id', '=', id)
    .executeTakeFirst();
  return row ? toDocument<Body>(row) : null;
}

async function list<Body>(
  query: Kysely<Tables>,
  kind: string,
  { prefix, after, limit, newest, changedAfter }: DocumentQuery,
): Promise<StoredDocument<Body>[]> {
  let select = query.selectFrom('documents').selectAll().where('kind', '=', kind);
  if (prefix !== undefined) select = select.where('id', '>=', prefix).where('id', '<', prefix + LAST);
  if (after !== undefined) select = select.where('id', '>', after);
  if (changedAfter !== undefined) {
    const { changedAt, id } = changedAfter;
    select = select
      // For the index; the rows of the same moment are told apart below.
      .where('changed_at', '>=', changedAt)
      .where(builder =>
        builder.or([
          builder('changed_at', '>', changedAt),
          builder.and([builder('changed_at', '=', changedAt), builder('id', '>', id)]),
        ]),
      )
      .orderBy('changed_at');
  }
  const ordered = newest ? select.orderBy('changed_at', 'desc').orderBy('id') : select.orderBy('id');
  const rows = await ordered.limit(limit ?? LIST_LIMIT).execute();
  return rows.map(row => toDocument<Body>(row));
}

function toDocument<Body>(row: Tables['documents']): StoredDocument<Body> {
  return {
    id: row.id,
    body: JSON.parse(row.body) as Body,
    revision: Number(row.revision),
    changedAt: Number(row.changed_at),
  };
}

/** Nothing is kept and nothing was: for a dry run without a database. */
export function noDocuments(): Documents {
  return {
    read: async () => null,
    list: async () => [],
    submit: async () => true,
    change: async () => null,
  };
}
