import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeBackup } from '../../src/cli/backup/write-backup.ts';
import { appendJournal, verifyJournal } from '../../src/engine/journal/journal.ts';
import { lockDataDirectory } from '../../src/storage/lock-data-directory.ts';
import { openSqlite } from '../../src/storage/sqlite/open-sqlite.ts';
import { builtProgram } from '../support/program.ts';

const BIN = await builtProgram();
let work: string;

/** Data whose every part says which of the two it is of. */
async function makeData(name: 'old' | 'new'): Promise<string> {
  const directory = join(work, name);
  for (const part of ['data/intake', 'artifacts/releases', 'artifacts/runs']) {
    await mkdir(join(directory, part), { recursive: true });
    await writeFile(join(directory, part, 'id'), name);
  }
  const database = await openSqlite(join(directory, 'data/signalbox.db'));
  await database.transaction(async transaction => {
    await appendJournal(transaction, [{ at: 1, kind: 'service', key: null, data: { of: name } }], 'sqlite');
  });
  await database.close();
  return directory;
}

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'signalbox-restore-'));
  const [old, fresh] = [await makeData('old'), await makeData('new')];
  // The old data has a part that the backup lacks, and what a database leaves behind that was killed.
  await mkdir(join(old, 'artifacts/public'));
  await writeFile(join(old, 'artifacts/public/id'), 'old');
  await writeFile(join(old, 'data/signalbox.db-wal'), 'old');
  const backup = { dataDirectory: join(fresh, 'data'), artifacts: join(fresh, 'artifacts'), now: () => 0 };
  await writeBackup({ ...backup, target: join(work, 'backup') });
});
afterAll(() => rm(work, { recursive: true, force: true }));

/** Restores over a copy of the old data, and is killed at the place that is named. */
async function restore(place: string, crashAt: string): Promise<NodeJS.Signals | number> {
  const config = join(place, 'signalbox.yaml');
  await writeFile(config, 'service: { data_dir: data, artifacts: { directory: artifacts } }\n');
  const args = [BIN, 'restore', join(work, 'backup'), '--force', '--json', '--config', config];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, SIGNALBOX_CRASH_AT: crashAt },
    stdio: 'ignore',
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal ?? code ?? -1;
}

/** Whose the parts are: `old`, `new`, or none at all. */
async function partsOf(place: string): Promise<Record<string, string>> {
  const parts: Record<string, string> = {};
  for (const part of ['data/intake', 'artifacts/releases', 'artifacts/runs', 'artifacts/public']) {
    parts[part] = await readFile(join(place, part, 'id'), 'utf8').catch(() => 'none');
  }
  parts['data/signalbox.db-wal'] = await readFile(join(place, 'data/signalbox.db-wal'), 'utf8').catch(() => 'none');
  const database = await openSqlite(join(place, 'data/signalbox.db'));
  const [row] = await database.query.selectFrom('journal').select('data').execute();
  parts['database'] = (JSON.parse(row?.data ?? '{}') as { of: string }).of;
  expect(await verifyJournal(database.query)).toMatchObject({ ok: true, rows: 1 });
  await database.close();
  return parts;
}

const OLD = {
  'data/intake': 'old',
  'artifacts/releases': 'old',
  'artifacts/runs': 'old',
  'artifacts/public': 'old',
  database: 'old',
};
const NEW = {
  'data/intake': 'new',
  'artifacts/releases': 'new',
  'artifacts/runs': 'new',
  'artifacts/public': 'none',
  'data/signalbox.db-wal': 'none',
  database: 'new',
};

/** After the plan has its name, after its first moves, some in the middle, after the last one, when the drafts are gone, and never. */
const PASSAGES = [1, 2, 3, 4, 7, 11, 12, 13];

it('is all of it or nothing, wherever it is killed', { timeout: 120_000 }, async () => {
  const ends: (NodeJS.Signals | number)[] = [];
  for (const crashAt of ['restore:ready', ...PASSAGES.map(passage => `restore:moved@${passage}`)]) {
    const place = join(work, crashAt);
    await cp(join(work, 'old'), place, { recursive: true });
    ends.push(await restore(place, crashAt));
    // As the next command or the service does before anything else.
    lockDataDirectory(join(place, 'data')).release();
    if (crashAt === 'restore:ready') {
      expect(await partsOf(place)).toMatchObject(OLD);
      continue;
    }
    expect([crashAt, await partsOf(place)]).toEqual([crashAt, NEW]);
    const [aside = ''] = (await readdir(join(place, 'data'))).filter(name => name.startsWith('before-restore-'));
    const put = await readdir(join(place, 'data', aside));
    expect(put.toSorted()).toEqual(['intake', 'signalbox.db', 'signalbox.db-wal']);
    expect((await readdir(join(place, 'artifacts', aside))).toSorted()).toEqual(['public', 'releases', 'runs']);
    const left = [...(await readdir(join(place, 'data'))), ...(await readdir(join(place, 'artifacts')))];
    expect(left.filter(name => name.startsWith('restore.'))).toEqual([]);
  }
  expect(ends).toEqual([...Array.from({ length: PASSAGES.length }, () => 'SIGKILL'), 0]);
});

it('was done already when the same is asked for again', async () => {
  const place = join(work, 'again');
  await cp(join(work, 'old'), place, { recursive: true });
  expect(await restore(place, 'restore:moved@3')).toBe('SIGKILL');
  expect(await restore(place, '')).toBe(0);
  expect(await partsOf(place)).toMatchObject(NEW);
  const asides = (await readdir(join(place, 'data'))).filter(name => name.startsWith('before-restore-'));
  expect(asides).toHaveLength(1);
});
