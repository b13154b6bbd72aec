import type { Settings } from '../../config/schema.ts';
import { readSecret } from '../../config/secrets.ts';
import { ERRORS, SignalboxError } from '../../errors.ts';
import { judgeSchema } from '../../storage/judge-schema.ts';
import { MIGRATIONS } from '../../storage/migrate.ts';
import { inspectPostgres, type PostgresFacts } from '../../storage/postgres/inspect-postgres.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { remedy } from './remedies.ts';

const OLDEST = 14;
/** Leases go by the server's clock; journal and times on pages do, too, and would look wrong beside other machines'. */
const SKEW = 5_000;

/** Whether PostgreSQL can be used as it is configured; nothing where SQLite is. */
export async function checkDatabase({ service }: Settings): Promise<Check[]> {
  if (service.database === 'sqlite') return [];
  try {
    const { value } = await readSecret(service.database.postgres, process.env);
    return judgePostgres(await inspectPostgres(value, Date.now), Object.keys(MIGRATIONS));
  } catch (error) {
    const { code, detail } = error instanceof SignalboxError ? error : { code: 'SBX_INTERNAL', detail: String(error) };
    const { remedy: advice } = ERRORS[code as keyof typeof ERRORS];
    return [fail('database', `${code}: ${detail}`, remedy('database silent', { advice }))];
  }
}

/** What the facts mean for a program that knows these migrations. */
export function judgePostgres(facts: PostgresFacts, known: readonly string[]): Check[] {
  const { version, major, standby, user, database } = facts;
  const found = `PostgreSQL ${version}, database ${database}, as ${user}`;
  if (major < OLDEST) return [fail('database', found, remedy('database old'))];
  if (standby) {
    return [fail('database', `${found}: a standby, which can only be read`, remedy('database standby'))];
  }
  const rights = judgeRights(facts);
  // Who lacks them may not see what is there.
  const schema = rights.status === 'FAIL' ? [] : [judgeMigrations(facts.executed, known)];
  return [ok('database', found), rights, ...schema, judgeClock(facts.ahead)];
}

function judgeRights({ schema, mayCreate, notOwned, user }: PostgresFacts): Check {
  const name = 'database rights';
  if (schema === null) {
    return fail(name, 'there is no schema that the user can see', remedy('no schema', { user }));
  }
  if (!mayCreate) {
    const detail = `the user may make no tables in the schema ${schema}`;
    return fail(name, detail, remedy('no right to create tables', { schema, user }));
  }
  if (notOwned.length > 0) {
    const [table = ''] = notOwned;
    const detail = `tables that do not belong to the user: ${notOwned.join(', ')}`;
    return fail(name, detail, remedy('tables of others', { table, user }));
  }
  return ok(name, `may make and change tables in the schema ${schema}`);
}

function judgeMigrations(executed: readonly string[], known: readonly string[]): Check {
  const name = 'database schema';
  if (executed.length === 0) return ok(name, 'empty; the first start makes the tables');
  const verdict = judgeSchema(known, executed);
  if (verdict.may === 'nothing') {
    const { remedy: advice } = ERRORS.SBX_DATABASE_TOO_NEW;
    return fail(name, verdict.because, remedy('schema too new', { advice }));
  }
  if (verdict.may === 'use') return ok(name, `extended by a newer version (${verdict.newer.join(', ')})`);
  const missing = known.filter(each => !executed.includes(each));
  if (missing.length === 0) return ok(name, `up to date (${known.at(-1)})`);
  return warn(name, `older than this version: ${missing.join(', ')} was not run yet`, remedy('schema old'));
}

function judgeClock(ahead: number): Check {
  const detail = `${(Math.abs(ahead) / 1000).toFixed(1)} s apart from this machine's`;
  if (Math.abs(ahead) <= SKEW) return ok('database clock', detail);
  return warn('database clock', detail, remedy('database clock'));
}
