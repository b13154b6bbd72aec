import { existsSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { packBytes } from '../pack-bytes.ts';

/**
 * The one thread that touches the SQLite file. Every commit waits for the disk; here it never makes the event loop wait.
 * Requests are answered in the order in which they came.
 */
export type WorkerRequest =
  | { id: number; do: 'run'; sql: string; parameters: readonly unknown[] }
  | { id: number; do: 'close' };

export type WorkerAnswer =
  | { id: number; rows: unknown[]; changes: number }
  | { id: number; error: { message: string; code: string; errcode: number | undefined } };

const port = parentPort;
if (!port) throw new Error('storage/sqlite/worker.ts runs as a worker thread only');

const { file } = workerData as { file: string };
if (existsSync(file)) check();
const database = new DatabaseSync(file, { timeout: 5000 });
// Page size first: it can only be set on an empty file. 8 KiB measured best for bodies of tens of kilobytes. What the cache has no
// room for the kernel has: it stays small, because its pages are the process's own memory.
database.exec(`
  PRAGMA page_size = 8192;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA foreign_keys = ON;
  PRAGMA cache_size = -8192;
`);

database.function('pack_bytes', { deterministic: true }, bytes => packBytes(bytes as Uint8Array));

/**
 * Walks every page. What is damaged is found before anything is built upon it, and not in the middle of the night. To read only: an owner
 * that ends writes its log into the database, and what is damaged should stay as it was found.
 */
function check(): void {
  const reader = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
  try {
    const [found] = reader.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[];
    if (found?.quick_check !== 'ok')
      throw new Error(`malformed: ${(found?.quick_check ?? 'no answer').replaceAll(/\s+/g, ' ')}`);
  } finally {
    reader.close();
  }
}

const statements = new Map<string, { statement: StatementSync; returnsRows: boolean }>();
const STATEMENTS_KEPT = 200;

function prepare(sql: string): { statement: StatementSync; returnsRows: boolean } {
  const known = statements.get(sql);
  if (known) return known;
  const statement = database.prepare(sql);
  const prepared = { statement, returnsRows: statement.columns().length > 0 };
  const oldest = statements.size >= STATEMENTS_KEPT ? statements.keys().next().value : undefined;
  if (oldest !== undefined) statements.delete(oldest);
  statements.set(sql, prepared);
  return prepared;
}

function run(sql: string, parameters: readonly unknown[]): { rows: unknown[]; changes: number } {
  const { statement, returnsRows } = prepare(sql);
  const values = parameters.map(toSqlite);
  if (returnsRows) return { rows: statement.all(...values), changes: 0 };
  return { rows: [], changes: Number(statement.run(...values).changes) };
}

function toSqlite(value: unknown): SQLInputValue {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value === undefined) return null;
  return value as SQLInputValue;
}

port.on('message', (request: WorkerRequest) => {
  try {
    if (request.do === 'close') {
      database.close();
      port.postMessage({ id: request.id, rows: [], changes: 0 } satisfies WorkerAnswer);
      port.close();
      return;
    }
    const result = run(request.sql, request.parameters);
    port.postMessage({ id: request.id, ...result } satisfies WorkerAnswer);
  } catch (cause) {
    const error = cause as Error & { code?: string; errcode?: number };
    port.postMessage({
      id: request.id,
      error: { message: error.message, code: error.code ?? 'ERR_SQLITE', errcode: error.errcode },
    } satisfies WorkerAnswer);
  }
});
