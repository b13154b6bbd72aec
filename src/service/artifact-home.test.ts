import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createDocuments } from '../engine/documents/documents.ts';
import { QUICK_PACE, temporaryDatabase } from '../engine/testing.ts';
import { claimArtifactHome, directoryHome, whyNotHere } from './artifact-home.ts';

const NOW = 1_000_000;
const MINE = { store: 's', machine: 'm' };
const seen = (home: Partial<typeof MINE>, ago: number) => ({ ...MINE, ...home, seenAt: NOW - ago });

it.each([
  ['nobody has been here before', null, null],
  ['others of this machine use the same directory', seen({}, 1000), null],
  ['a process that runs has another directory', seen({ store: 'other' }, 60_000), /another place/],
  ['the same disk is used from another machine', seen({ machine: 'other' }, 60_000), /another machine \(other\)/],
  ['the other directory was given up', seen({ store: 'other' }, 60_001), null],
  ['the other machine is gone', seen({ machine: 'other' }, 60_001), null],
])('knows whether artifacts may lie here: %s', (_what, home, why) => {
  const found = whyNotHere(home, MINE, NOW);
  if (why === null) expect(found).toBeNull();
  else expect(found).toMatch(why);
});

it('is one place for processes that start together in a new directory', async () => {
  const stage = await temporaryDatabase();
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-artifacts-'));
  const now = () => NOW;
  const documents = createDocuments({ database: stage.database, pace: QUICK_PACE, now, wake: () => undefined });
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const made = join(directory, 'new');
  const claim = async () => claimArtifactHome({ documents, place: await directoryHome(made), now, log });
  const claims = await Promise.allSettled(Array.from({ length: 8 }, claim));
  for (const each of claims) if (each.status === 'fulfilled') each.value();
  expect(claims.filter(each => each.status === 'rejected')).toEqual([]);
  expect(await readdir(made)).toEqual(['store-id']);
  await rm(directory, { recursive: true });
  await stage.remove();
});
