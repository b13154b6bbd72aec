import pg from 'pg';
import { assertAddress, clientConfig } from './pool.ts';
import { translateError } from './translate-error.ts';

/** What a PostgreSQL server says of itself and of our database. */
export interface PostgresFacts {
  version: string;
  major: number;
  /** Whether it only follows another server, and cannot be written to. */
  standby: boolean;
  user: string;
  database: string;
  /** Where new tables go; null where the user can see no such schema. */
  schema: string | null;
  mayCreate: boolean;
  /** Tables in that schema that belong to somebody else: a migration could not change them. */
  notOwned: string[];
  /** Names of the migrations that were run. */
  executed: string[];
  /** By how much the server's clock is ahead of ours, ms. */
  ahead: number;
}

interface About extends Pick<PostgresFacts, 'version' | 'standby' | 'user' | 'database' | 'schema'> {
  number: number;
  may_create: boolean;
  migrated: boolean;
}

const CLOCK = 'select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms';
const ABOUT = `select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
  pg_is_in_recovery() as standby, current_user as "user", current_database() as database, current_schema() as schema,
  coalesce(has_schema_privilege(current_schema(), 'create'), false) as may_create,
  coalesce(has_table_privilege(to_regclass('kysely_migration'), 'select'), false) as migrated`;
const NOT_OWNED = `select relname as name from pg_class
  where relnamespace = to_regnamespace(current_schema()) and relkind = 'r' and not pg_has_role(relowner, 'usage') order by 1`;
const EXECUTED = 'select name from kysely_migration order by 1';

/**
 * Asks with the address that the service would use, and changes nothing.
 *
 * @throws SignalboxError SBX_DATABASE_UNAVAILABLE, SBX_DATABASE_REFUSED; neither repeats the address
 */
export async function inspectPostgres(url: string, now: () => number): Promise<PostgresFacts> {
  assertAddress(url);
  const client = new pg.Client(clientConfig(url));
  client.on('error', () => undefined);
  const rows = async <Row extends pg.QueryResultRow>(sql: string) => (await client.query<Row>(sql)).rows;
  try {
    await client.connect();
    const before = now();
    const [clock] = await rows<{ ms: number }>(CLOCK);
    const ahead = Math.round((clock?.ms ?? 0) - (before + now()) / 2);
    const [about] = await rows<About>(ABOUT);
    if (!about) throw new Error('no answer');
    const { number, may_create, migrated, ...rest } = about;
    const names = async (sql: string) => (await rows<{ name: string }>(sql)).map(row => row.name);
    const executed = migrated ? await names(EXECUTED) : [];
    const major = Math.trunc(number / 10_000);
    return { ...rest, major, mayCreate: may_create, notOwned: await names(NOT_OWNED), executed, ahead };
  } catch (error) {
    throw translateError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
