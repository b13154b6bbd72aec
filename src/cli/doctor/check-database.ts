import type { Settings } from '../../config/schema.ts';
import { readSecret } from '../../config/secrets.ts';
import { ERRORS, SignalboxError } from '../../errors.ts';
import { judgeSchema } from '../../storage/judge-schema.ts';
import { MIGRATIONS } from '../../storage/migrate.ts';
import { inspectPostgres, type PostgresFacts } from '../../storage/postgres/inspect-postgres.ts';
import { type Check, fail, ok, warn } from './check.ts';

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
    return [fail('database', `${code}: ${detail}`, ERRORS[code as keyof typeof ERRORS].remedy)];
  }
}

/** What the facts mean for a program that knows these migrations. */
export function judgePostgres(facts: PostgresFacts, known: readonly string[]): Check[] {
  const { version, major, standby, user, database } = facts;
  const found = `PostgreSQL ${version}, database ${database}, as ${user}`;
  if (major < OLDEST)
    return [fail('database', found, `Update the server: PostgreSQL ${OLDEST} is the oldest that will do.`)];
  if (standby) {
    return [fail('database', `${found}: a standby, which can only be read`, 'Name the primary in service.database.')];
  }
  const rights = judgeRights(facts);
  // Who lacks them may not see what is there.
  const schema = rights.status === 'FAIL' ? [] : [judgeMigrations(facts.executed, known)];
  return [ok('database', found), rights, ...schema, judgeClock(facts.ahead)];
}

function judgeRights({ schema, mayCreate, notOwned, user }: PostgresFacts): Check {
  const name = 'database rights';
  if (schema === null) {
    const remedy = `As the database's owner: create schema ${user} authorization ${user};`;
    return fail(name, 'there is no schema that the user can see', remedy);
  }
  if (!mayCreate) {
    const remedy = `As the schema's owner: grant create on schema ${schema} to ${user};`;
    return fail(name, `the user may make no tables in the schema ${schema}`, remedy);
  }
  if (notOwned.length > 0) {
    const [first] = notOwned;
    const remedy = `An update could not change them. As their owner, for each: alter table ${first} owner to ${user};`;
    return fail(name, `tables that do not belong to the user: ${notOwned.join(', ')}`, remedy);
  }
  return ok(name, `may make and change tables in the schema ${schema}`);
}

function judgeMigrations(executed: readonly string[], known: readonly string[]): Check {
  const name = 'database schema';
  if (executed.length === 0) return ok(name, 'empty; the first start makes the tables');
  const verdict = judgeSchema(known, executed);
  if (verdict.may === 'nothing') return fail(name, verdict.because, ERRORS.SBX_DATABASE_TOO_NEW.remedy);
  if (verdict.may === 'use') return ok(name, `extended by a newer version (${verdict.newer.join(', ')})`);
  const missing = known.filter(each => !executed.includes(each));
  if (missing.length === 0) return ok(name, `up to date (${known.at(-1)})`);
  const remedy = 'Back it up; the next start of this version brings it up to date, while the others go on.';
  return warn(name, `older than this version: ${missing.join(', ')} was not run yet`, remedy);
}

function judgeClock(ahead: number): Check {
  const detail = `${(Math.abs(ahead) / 1000).toFixed(1)} s apart from this machine's`;
  if (Math.abs(ahead) <= SKEW) return ok('database clock', detail);
  const remedy = 'Set both clocks by NTP. Leases are safe meanwhile: they go by the server’s.';
  return warn('database clock', detail, remedy);
}
