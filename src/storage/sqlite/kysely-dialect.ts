import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Mutex } from '../mutex.ts';
import type { SqliteThread } from './sqlite-thread.ts';

/** Kysely on the SQLite thread: one connection, handed out to one user at a time. */
export function sqliteDialect(thread: SqliteThread, mutex: Mutex): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: database => new SqliteIntrospector(database),
    createDriver: () => sqliteDriver(thread, mutex),
  };
}

function sqliteDriver(thread: SqliteThread, mutex: Mutex): Driver {
  const connection: DatabaseConnection = {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      const { rows, changes } = await thread.run(query.sql, query.parameters);
      return { rows: rows as R[], numAffectedRows: BigInt(changes) };
    },
    streamQuery(): never {
      throw new Error('streaming queries are not used: ask for pages');
    },
  };
  const run = (sql: string) => connection.executeQuery(CompiledQuery.raw(sql)).then(() => undefined);
  return {
    init: async () => undefined,
    acquireConnection: async () => {
      await mutex.acquire();
      return connection;
    },
    releaseConnection: async () => mutex.release(),
    beginTransaction: () => run('BEGIN IMMEDIATE'),
    commitTransaction: () => run('COMMIT'),
    rollbackTransaction: () => run('ROLLBACK').catch(ignoreNone),
    destroy: () => thread.close(),
  };
}

/** A full or failing disk makes SQLite roll back by itself; the error that tells of it must not be replaced by this one. */
function ignoreNone(error: unknown): void {
  if (!(error as Error).message.includes('no transaction is active')) throw error;
}
