import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeBackup } from './write-backup.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'signalbox-backup-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Root may read everything. */
async function asSomebody<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return await work();
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

it('tells who may not read the data to run it as the user of the service', async () => {
  const dataDirectory = join(root, 'data');
  mkdirSync(dataDirectory);
  chmodSync(root, 0o755);
  chmodSync(dataDirectory, 0o000);
  const target = join(root, 'backup');
  await expect(
    asSomebody(() => writeBackup({ dataDirectory, target, artifacts: null, now: Date.now })),
  ).rejects.toMatchObject({
    code: 'SBX_DATA_DIRECTORY_UNUSABLE',
    detail: `${dataDirectory}/signalbox.db may not be read by this user: run this as the user of the service, with sudo -u USER signalbox backup …`,
  });
  chmodSync(dataDirectory, 0o700);
});
