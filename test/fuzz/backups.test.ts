import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { readManifest } from '../../src/cli/backup/manifest.ts';
import { restoreBackup } from '../../src/cli/backup/restore-backup.ts';
import { SignalboxError } from '../../src/errors.ts';
import { fuzz, fuzzJson } from './fuzz.ts';

let place: string;
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'signalbox-fuzz-backups-'));
  await mkdir(join(place, 'backup/intake'), { recursive: true });
  await mkdir(join(place, 'data'));
  await writeFile(join(place, 'backup/intake/id'), 'id\n');
  // No database, whatever a manifest says of it.
  await writeFile(join(place, 'backup/signalbox.db'), 'SQLite format 3\0 and nothing more');
  await writeFile(join(place, 'outside'), 'not of the backup');
});
afterAll(() => rm(place, { recursive: true, force: true }));

const MANIFEST = {
  format: 1,
  at: '2026-11-28T12:00:00.000Z',
  files: [
    { path: 'signalbox.db', bytes: 33, sha256: 'a'.repeat(64) },
    { path: 'intake/id', bytes: 3, sha256: '1df0a07303306f3b5a83da9d54ea9d1fc1cd7a0d9e5a3ba0e3c3d3a7d8a6d3a1' },
  ],
  journal: { rows: 1, head: 'h' },
  artifacts: false,
};

async function restore(manifest: Buffer): Promise<void> {
  const source = join(place, 'backup');
  await writeFile(join(source, 'backup.json'), manifest);
  const { files } = await readManifest(source);
  for (const { path } of files) expect(relative(source, resolve(source, path))).not.toMatch(/^\.\.(?:\/|$)|^\//);
  const dataDirectory = join(place, 'data');
  const artifacts = { directory: dataDirectory };
  const restored = restoreBackup({ dataDirectory, artifacts, source, force: true, now: () => 1 });
  await expect(restored).rejects.toThrow(SignalboxError);
  // Nothing of it is left, in the data directory or beside it.
  expect((await readdir(join(place, 'data'))).filter(name => !name.includes('lock'))).toEqual([]);
  expect((await readdir(place)).toSorted()).toEqual(['backup', 'data', 'outside']);
}

fuzz("a backup's list of files", {
  corpus: [Buffer.from(JSON.stringify(MANIFEST))],
  words: ['../', '/etc/passwd', '"path":"../outside",', '..', '\\u0000', '"format":2,', './', 'intake/../../outside'],
  parse: restore,
});

fuzzJson("what a backup's list of files says", {
  corpus: [
    MANIFEST,
    {
      ...MANIFEST,
      files: ['../outside', '/etc/passwd', 'intake', '.', 'a/../../outside', 'x\0y'].map(path => ({
        path,
        bytes: 1,
        sha256: 'a'.repeat(64),
      })),
    },
  ],
  parse: value => restore(Buffer.from(JSON.stringify(value) ?? '')),
});
