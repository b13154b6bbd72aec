import { type Kysely, type Migration, Migrator, sql } from 'kysely';
import { SignalboxError } from '../errors.ts';
import type { ColumnTypes } from './dialect.ts';
import { judgeSchema } from './judge-schema.ts';
import { up as engine } from './migrations/0001-engine.ts';
import { up as documents } from './migrations/0002-documents.ts';
import { up as intake } from './migrations/0003-intake.ts';
import { up as verdicts } from './migrations/0004-verdicts.ts';
import { up as pages } from './migrations/0005-pages.ts';

/** Numbered, in order, never edited once released; how one may take something away is said in judge-schema.ts. */
export const MIGRATIONS = {
  '0001-engine': engine,
  '0002-documents': documents,
  '0003-intake': intake,
  '0004-verdicts': verdicts,
  '0005-pages': pages,
};

/** Migrations by their names. */
export type Steps = Readonly<Record<string, (database: Kysely<unknown>, types: ColumnTypes) => Promise<void>>>;

/**
 * Brings the database to this program's schema; does nothing where it is there already, or where a newer program has extended
 * it. Of several processes that start together one does it, and the others wait.
 *
 * @throws SignalboxError SBX_DATABASE_TOO_NEW
 */
export async function migrate<T>(database: Kysely<T>, types: ColumnTypes, steps: Steps = MIGRATIONS): Promise<void> {
  if (!(await mayMigrate(database, steps))) return;
  const migrations: Record<string, Migration> = {};
  for (const [name, step] of Object.entries(steps)) {
    migrations[name] = {
      up: async transaction => {
        await step(transaction, types);
        await types.finish?.(transaction);
      },
    };
  }
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  // A newer program may have been at it between the question and the lock.
  if (error && (await mayMigrate(database, steps))) throw error;
}

async function mayMigrate<T>(database: Kysely<T>, steps: Steps): Promise<boolean> {
  const verdict = judgeSchema(Object.keys(steps), await executedMigrations(database));
  if (verdict.may === 'nothing') throw new SignalboxError('SBX_DATABASE_TOO_NEW', verdict.because);
  return verdict.may === 'migrate';
}

async function executedMigrations<T>(database: Kysely<T>): Promise<string[]> {
  const tables = await database.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(table => table.name === 'kysely_migration')) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(database);
  return rows.map(row => row.name);
}
