import type { PostgresPool, PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { SignalboxError } from '../../errors.ts';
import { isBroken, translateError } from './translate-error.ts';

/** Connections of one process. Looks are few and wait for GitLab most of the time. */
const CONNECTIONS = 10;
const CONNECT_PATIENCE = 5_000;
/** A server that does not answer for so long is gone, whatever the network says. */
const QUERY_PATIENCE = 60_000;
/** A process that stands still inside a transaction holds up all others; the server ends it. */
const IDLE_IN_TRANSACTION = 10_000;

const INT8 = 20;
const types = {
  // Times, counts and sequence numbers are whole numbers far below 2^53.
  getTypeParser: (id: number, format?: 'text' | 'binary') =>
    id === INT8 ? Number : pg.types.getTypeParser(id, format as 'text'),
} as pg.CustomTypesConfig;

export function clientConfig(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'signalbox',
    connectionTimeoutMillis: CONNECT_PATIENCE,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types,
  };
}

/**
 * Connections for Kysely; throws SBX_DATABASE_REFUSED for what is no address. What goes wrong on one gets a code of ours, and a connection that is of no further use is not handed
 * out again.
 */
export function createPool(url: string, options: { patient?: boolean } = {}): PostgresPool {
  assertAddress(url);
  const pool = new pg.Pool({
    ...clientConfig(url),
    max: CONNECTIONS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION,
    ...(options.patient ? {} : { query_timeout: QUERY_PATIENCE }),
  });
  // Of a connection that nobody uses; the next one who needs one finds out.
  pool.on('error', () => undefined);
  // For the whole life of each: its end may come with the very bytes that say it is ready, before whoever asked for it can listen, or
  // between two queries of a transaction. An error that nobody listens to would end the process.
  const lost = new WeakSet<pg.PoolClient>();
  pool.on('connect', client => {
    client.on('error', () => lost.add(client));
  });
  return {
    connect: async () => {
      const client = await pool.connect().catch(fail);
      return guard(client, lost);
    },
    end: () => pool.end(),
  };
}

/** Throws SBX_DATABASE_REFUSED for what is no address. */
export function assertAddress(url: string): void {
  try {
    new pg.Client({ connectionString: url });
  } catch {
    // The parser's own error repeats the address, and with it the password.
    throw new SignalboxError('SBX_DATABASE_REFUSED', 'the address in service.database is not one of PostgreSQL');
  }
}

function guard(client: pg.PoolClient, lost: WeakSet<pg.PoolClient>): PostgresPoolClient {
  const query = async (sql: string, parameters: readonly unknown[]) => {
    try {
      return await client.query(sql, parameters as unknown[]);
    } catch (error) {
      const translated = translateError(error);
      if (isBroken(translated)) lost.add(client);
      throw translated;
    }
  };
  return {
    query: query as unknown as PostgresPoolClient['query'],
    release: () => client.release(lost.has(client)),
  };
}

/** Whatever keeps a connection from coming about is an outage, unless the server says that it does not know us. */
function fail(error: unknown): never {
  const translated = translateError(error);
  if (translated instanceof SignalboxError) throw translated;
  throw new SignalboxError('SBX_DATABASE_UNAVAILABLE', (error as Error).message, { cause: error });
}
