import { DatabaseSync } from 'node:sqlite';
import { verifyJournal } from '../../engine/journal/journal.ts';
import { SignalboxError } from '../../errors.ts';
import { openSqlite } from '../../storage/sqlite/open-sqlite.ts';

/**
 * Whether a database is whole: SQLite's own check of all pages, and the chain of the journal. It is brought to this program's
 * schema on the way.
 *
 * @throws SignalboxError SBX_DATABASE_DAMAGED
 */
export async function proveDatabase(file: string): Promise<{ rows: number; head: string }> {
  checkPages(file);
  const database = await openSqlite(file);
  try {
    const proof = await verifyJournal(database.query);
    if (!proof.ok) throw new SignalboxError('SBX_DATABASE_DAMAGED', `${file}: the journal is broken: ${proof.detail}`);
    return { rows: proof.rows, head: proof.head };
  } finally {
    await database.close();
  }
}

function checkPages(file: string): void {
  try {
    const database = new DatabaseSync(file);
    try {
      const [first] = database.prepare('PRAGMA integrity_check(1)').all() as { integrity_check: string }[];
      if (first?.integrity_check !== 'ok') throw new Error(first?.integrity_check);
    } finally {
      database.close();
    }
  } catch (cause) {
    throw new SignalboxError('SBX_DATABASE_DAMAGED', `${file}: ${(cause as Error).message}`, { cause });
  }
}
