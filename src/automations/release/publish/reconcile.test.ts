import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Look } from '../../../engine/automation.ts';
import { createDocuments, type Documents } from '../../../engine/documents/documents.ts';
import { QUICK_PACE, temporaryDatabase } from '../../../engine/testing.ts';
import { CHANNEL, queuedRun, RELEASE, type ReleaseDocument } from '../model.ts';
import { decide } from './decide.ts';
import { publishedInDirectory } from './published-files.ts';
import { publish } from './reconcile.ts';

let stage: Awaited<ReturnType<typeof temporaryDatabase>>;
let documents: Documents;
let directory: string;
beforeEach(async () => {
  stage = await temporaryDatabase();
  directory = await mkdtemp(join(tmpdir(), 'signalbox-publish-'));
  documents = createDocuments({ database: stage.database, pace: QUICK_PACE, now: () => 1000, wake: () => undefined });
});
afterEach(async () => {
  await stage.remove();
  await rm(directory, { recursive: true, force: true });
});

async function look(): Promise<string[]> {
  const automation = publish({ documents, files: publishedInDirectory(directory) });
  const looked: Look = {
    key: 'publish:appliance',
    subject: 'appliance',
    reasons: [],
    memory: null,
    chain: null,
    signal: new AbortController().signal,
    now: () => 1000,
  };
  const facts = await automation.gather(looked);
  const { actions } = automation.decide(facts, null, 1000);
  for (const action of actions) await automation.effect(action, facts, looked).do();
  return actions.map(action => action.summary);
}

async function release(version: string, state: 'released' | 'failed', more: Partial<ReleaseDocument> = {}) {
  const run = { ...queuedRun({ attempt: 1, environment: 'development', by: 'ci', queuedAt: 1 }), state, endedAt: 2 };
  const body = {
    product: 'appliance',
    version,
    line: '5.4',
    metadata: { commit: 'abc' },
    file: `appliance-${version}.tgz`,
    size: 3,
    md5: 'm',
    sha256: 's',
    runs: [run],
    yanked: null,
    ...more,
  };
  await documents.submit({ changes: [{ kind: RELEASE, id: `appliance/${version}`, body }] });
}

async function head(version: string | null): Promise<void> {
  const body = { head: version, arrivals: [], history: [{ version, at: 5, by: 'ci', how: 'released', why: null }] };
  await documents.submit({ changes: [{ kind: CHANNEL, id: 'appliance/5.4/development', body }] });
}

const pointer = async () =>
  JSON.parse(await readFile(join(directory, 'appliance/channels/5.4/development.json'), 'utf8')) as unknown;

it('writes the release before the pointer at it, and nothing where nothing changed', async () => {
  await release('5.4.1', 'released');
  await head('5.4.1');
  expect(await look()).toEqual(['write releases/5.4.1.json', 'write channels/5.4/development.json']);
  expect(await pointer()).toMatchObject({ version: '5.4.1', sha256: 's', since: '1970-01-01T00:00:00.005Z' });
  expect(await look()).toEqual([]);
});

it('publishes no release whose script did not succeed', async () => {
  await release('5.4.1', 'failed');
  expect(await look()).toEqual([]);
});

it('says of a withdrawn release that it is, and offers none in its place when there is none', async () => {
  await release('5.4.1', 'released', { yanked: { at: 7, by: 'anna', reason: 'loses data' } });
  await head(null);
  await look();
  expect(await pointer()).toMatchObject({ version: null, sha256: null });
  const text = await readFile(join(directory, 'appliance/releases/5.4.1.json'), 'utf8');
  expect(JSON.parse(text)).toMatchObject({ yanked: { reason: 'loses data' } });
});

it('mends what somebody has changed, and removes what is no release any more', async () => {
  await release('5.4.1', 'released');
  await head('5.4.1');
  await look();
  await writeFile(join(directory, 'appliance/channels/5.4/development.json'), '{}');
  await writeFile(join(directory, 'appliance/releases/5.4.0.json'), '{}');
  expect(await look()).toEqual(['write channels/5.4/development.json', 'remove releases/5.4.0.json']);
  expect(await readdir(join(directory, 'appliance/releases'))).toEqual(['5.4.1.json']);
});

it('removes pointers before what they point at', () => {
  const plan = decide({ product: 'p', wanted: {}, existing: { 'releases/1.json': 'a', 'channels/5/x.json': 'b' } });
  expect(plan.actions.map(action => action.summary)).toEqual(['remove channels/5/x.json', 'remove releases/1.json']);
});

it('writes a file whole when somebody who has lost the key writes it at the same time', async () => {
  await release('5.4.1', 'released');
  const automation = publish({ documents, files: publishedInDirectory(directory) });
  const facts = { product: 'appliance', wanted: {}, existing: {} };
  const file = 'releases/5.4.1.json';
  const write = { type: 'write' as const, file, summary: `write ${file}` };
  const looked = { subject: 'appliance' } as Look;
  await Promise.all(Array.from({ length: 8 }, () => automation.effect(write, facts, looked).do()));
  expect(JSON.parse(await readFile(join(directory, 'appliance', file), 'utf8'))).toMatchObject({ version: '5.4.1' });
  expect(await readdir(join(directory, 'appliance', 'releases'))).toEqual(['5.4.1.json']);
});
