import { type Kysely, type Migration, Migrator } from 'kysely';
import type { ColumnTypes } from './dialect.ts';
import { up as engine } from './migrations/0001-engine.ts';
import { up as documents } from './migrations/0002-documents.ts';
import { up as intake } from './migrations/0003-intake.ts';
import { up as verdicts } from './migrations/0004-verdicts.ts';

/** Numbered, in order, never edited once released. */
const MIGRATIONS = {
  '0001-engine': engine,
  '0002-documents': documents,
  '0003-intake': intake,
  '0004-verdicts': verdicts,
};

/** Brings the database to this program's schema; does nothing where it is there already. */
export async function migrate<T>(database: Kysely<T>, types: ColumnTypes): Promise<void> {
  const migrations: Record<string, Migration> = {};
  for (const [name, migration] of Object.entries(MIGRATIONS)) {
    migrations[name] = { up: transaction => migration(transaction, types) };
  }
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}
