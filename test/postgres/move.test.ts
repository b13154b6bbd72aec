import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDocuments } from '../../src/engine/documents/documents.ts';
import { openDeliveryLog } from '../../src/engine/intake/delivery-log.ts';
import { sortDeliveries } from '../../src/engine/intake/sort-deliveries.ts';
import { appendJournal, readJournal, verifyJournal } from '../../src/engine/journal/journal.ts';
import { DEFAULT_PACE } from '../../src/engine/work/back-off.ts';
import type { Database } from '../../src/storage/database.ts';
import { lockDataDirectory } from '../../src/storage/lock-data-directory.ts';
import { unpackBytes } from '../../src/storage/pack-bytes.ts';
import { openPostgres } from '../../src/storage/postgres/open-postgres.ts';
import { openSqlite } from '../../src/storage/sqlite/open-sqlite.ts';
import { createDatabase, type PostgresDatabase } from '../support/postgres.ts';
import { builtProgram } from '../support/program.ts';
import { runToEnd } from '../support/run-scan.ts';

const BIN = await builtProgram();
const ROWS = 1203;
let directory: string;
let target: PostgresDatabase;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-move-'));
  target = await createDatabase(process.env['SIGNALBOX_TEST_POSTGRES'] ?? '');
  await writeFile(join(directory, 'address'), target.url, { mode: 0o600 });
  await writeFile(join(directory, 'signalbox.yaml'), 'service: { data_dir: data }\n');
});
afterEach(async () => {
  await target.drop();
  await rm(directory, { recursive: true, force: true });
});

const file = () => join(directory, 'data', 'signalbox.db');
const move = (...args: string[]) =>
  runToEnd(
    process.execPath,
    [BIN, 'database', 'move', '--to', 'postgres', '--config', join(directory, 'signalbox.yaml'), ...args],
    { env: { PATH: process.env['PATH'] } },
  );
const byFile = () => ['--url-file', join(directory, 'address')];

async function on<T>(database: Promise<Database>, work: (database: Database) => Promise<T>): Promise<T> {
  const opened = await database;
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

const body = (n: number) => Buffer.from(JSON.stringify({ n, text: 'ü ✓ \u0000'.repeat(n % 7 === 0 ? 900 : 1) }));

/** An installation that has been used: deliveries, keys, documents, a journal of several pages. */
async function fill(): Promise<void> {
  lockDataDirectory(join(directory, 'data')).release();
  await on(openSqlite(file()), async database => {
    const intake = await openDeliveryLog({ directory: join(directory, 'data', 'intake'), database });
    for (let n = 0; n < 40; n++) {
      const head = { source: 'gitlab', dedupeKey: `d${n}`, event: 'e', chain: null, origin: 'pushed' as const };
      await intake.accept({ ...head, receivedAt: 1000 + n, body: body(n) });
    }
    const quiet = () => undefined;
    const log = { info: quiet, warn: quiet, error: quiet };
    const nameKeys = ({ payload }: { payload: unknown }) => [
      { key: `thing:${(payload as { n: number }).n % 9}`, reason: 'ein Grund' },
    ];
    while (await sortDeliveries({ database, intake, nameKeys, pace: DEFAULT_PACE, now: () => 5000, log }));
    await intake.close();
    const documents = createDocuments({ database, pace: DEFAULT_PACE, now: () => 6000, wake: quiet });
    for (let n = 0; n < 30; n++) {
      await documents.submit({ changes: [{ kind: 'k', id: `p/${n}`, body: { n, text: '\u{1f6a6} \u2028' } }] });
    }
    const left = ROWS - (await readJournal(database.query, { limit: 1 }))[0]!.seq;
    const rows = Array.from({ length: left }, (_, n) => ({
      at: 7000 + n,
      kind: 'operator' as const,
      key: n % 3 ? `thing:${n}` : null,
      data: { n, text: 'ä\n"\\' },
    }));
    await database.transaction(transaction => appendJournal(transaction, rows, 'sqlite'));
  });
}

it('moves everything, proves it, and the installation goes on where it was', async () => {
  await fill();
  const { code, out, err } = await move(...byFile(), '--json');
  expect([code, err]).toEqual([0, '']);
  const outcome = JSON.parse(out) as { tables: { table: string; rows: number }[]; journal: { head: string } };
  const rows = Object.fromEntries(outcome.tables.map(each => [each.table, each.rows]));
  expect(rows).toMatchObject({ deliveries: 40, work: 9, documents: 30, journal: ROWS, intake_positions: 1 });
  const before = await on(openSqlite(file()), database => verifyJournal(database.query));
  await on(openPostgres(target.url), async database => {
    expect(await verifyJournal(database.query)).toEqual(before);
    expect(outcome.journal.head).toBe((before as { head: string }).head);
    const deliveries = await database.query.selectFrom('deliveries').selectAll().orderBy('id').execute();
    expect(deliveries.map(each => Buffer.from(unpackBytes(each.body)).toString())).toEqual(
      Array.from({ length: 40 }, (_, n) => body(n).toString()),
    );
    // The next delivery gets the next number.
    const values = { source: 's', dedupe_key: 'new', event: 'e', origin: 'pushed' as const, state: 'sorted' as const };
    await database.query
      .insertInto('deliveries')
      .values({ ...values, received_at: 1, body: Buffer.from('{}') })
      .execute();
    const [newest] = await database.query.selectFrom('deliveries').select('id').orderBy('id', 'desc').execute();
    expect(newest!.id).toBe(41);
  });
});

it('moves nothing into a database that has something in it', async () => {
  await fill();
  expect((await move(...byFile())).code).toBe(0);
  const again = await move(...byFile());
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('SBX_DATABASE_NOT_EMPTY')]);
});

it('leaves nothing behind when what arrives is not what was sent', async () => {
  await fill();
  await on(openPostgres(target.url), async database => {
    // A disk that turns one letter, as far as anybody can tell.
    await sql`create function turn() returns trigger language plpgsql as
      $$ begin new.body := replace(new.body, '17', '18'); return new; end $$`.execute(database.query);
    await sql`create trigger turned before insert on documents for each row execute function turn()`.execute(
      database.query,
    );
  });
  const { code, err } = await move(...byFile());
  expect([code, err]).toEqual([1, expect.stringContaining('SBX_DATABASE_MOVE_DIFFERS')]);
  expect(err).toContain('documents');
  await on(openPostgres(target.url), async database => {
    expect(await database.query.selectFrom('deliveries').select('id').execute()).toEqual([]);
  });
});

it('refuses while a service has the data directory, and a journal that somebody has changed', async () => {
  await fill();
  const lock = lockDataDirectory(join(directory, 'data'));
  const running = await move(...byFile());
  expect([running.code, running.err]).toEqual([1, expect.stringContaining('SBX_DATA_DIRECTORY_IN_USE')]);
  lock.release();
  await on(openSqlite(file()), database => sql`update journal set data = '{}' where seq = 900`.execute(database.query));
  const broken = await move(...byFile());
  expect([broken.code, broken.err]).toEqual([1, expect.stringContaining('row 900')]);
});
