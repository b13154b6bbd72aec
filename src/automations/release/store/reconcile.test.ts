import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDocuments, type Documents } from '../../../engine/documents/documents.ts';
import { readJournal } from '../../../engine/journal/journal.ts';
import { QUICK_PACE, type TemporaryDatabase, temporaryDatabase } from '../../../engine/testing.ts';
import { decide } from '../lane/decide.ts';
import { gather } from '../lane/gather.ts';
import { RELEASE, type ReleaseDocument } from '../model.ts';
import { newRelease } from './commit.ts';
import { directoryStore } from './directory-store.ts';
import { reconcileReleases } from './reconcile.ts';
import { createStaging, type ReleaseRecord, releasePlaces, writeRecord } from './release-files.ts';

let place: TemporaryDatabase;
let documents: Documents;
let directory: string;
beforeEach(async () => {
  place = await temporaryDatabase();
  directory = await mkdtemp(join(tmpdir(), 'signalbox-reconcile-'));
  documents = createDocuments({ database: place.database, pace: QUICK_PACE, now: () => 1000, wake: () => undefined });
});
afterEach(async () => {
  await place.remove();
  await rm(directory, { recursive: true, force: true });
});

function record(version: string, receivedAt = 1): ReleaseRecord {
  return {
    product: 'appliance',
    version,
    line: '5.4',
    environment: 'development',
    file: `appliance-${version}.tgz`,
    size: 3,
    md5: 'd41d8cd98f00b204e9800998ecf8427e',
    sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    metadata: {},
    credential: 'ci',
    receivedAt,
  };
}

const quiet = () => undefined;
const reconcile = (some: Pick<Documents, 'change'> = documents) =>
  reconcileReleases({
    store: directoryStore(releasePlaces(join(directory, 'releases'))),
    documents: { ...documents, change: some.change },
    products: ['appliance'],
    now: () => 1000,
    log: { info: quiet, warn: quiet, error: quiet },
  });

it('takes in what it finds after a lost database, and runs the scripts in the order of arrival', async () => {
  const places = releasePlaces(join(directory, 'releases'));
  const store = directoryStore(places);
  await store.open();
  const arrivals = ['5.4.9', '5.4.10', '5.3.20', '5.4.11'];
  for (const [at, version] of [...arrivals.entries()].toReversed()) {
    const staging = await createStaging(places);
    // The second and third came in the same millisecond.
    const found = record(version, at === 2 ? 1 : at);
    await writeFile(join(staging, found.file), '');
    await writeRecord(places, staging, { ...found, size: 0 }, 1);
    expect(await store.put(staging, { ...found, size: 0 })).not.toBeNull();
  }
  await reconcile();
  const ran: string[] = [];
  for (;;) {
    const facts = await gather(documents, 'appliance');
    const [next] = decide(facts, 2000).actions;
    if (!next) break;
    ran.push(next.version);
    await documents.change<ReleaseDocument>(RELEASE, `appliance/${next.version}`, current => {
      const runs = current!.runs.map(run => ({ ...run, state: 'released' as const }));
      return { body: { ...current!, runs } };
    });
  }
  expect(ran).toEqual(['5.4.9', '5.3.20', '5.4.10', '5.4.11']);
});

it('rejects every release whose artifact is lost, without taking every connection of the database for it', async () => {
  const versions = Array.from({ length: 200 }, (_none, patch) => `5.4.${patch}`);
  const changes = versions.map(version => ({
    kind: RELEASE,
    id: `appliance/${version}`,
    body: newRelease(record(version), 1),
  }));
  await documents.submit({ changes });
  let [running, most] = [0, 0];
  const change: Documents['change'] = async (...asked) => {
    most = Math.max(most, ++running);
    return documents.change(...asked).finally(() => running--);
  };
  await reconcile({ change });
  const stored = await documents.list<ReleaseDocument>(RELEASE);
  expect(stored).toHaveLength(versions.length);
  expect(new Set(stored.map(({ body }) => body.state))).toEqual(new Set(['rejected']));
  expect(await readJournal(place.database.query, { kind: 'failure', limit: 500 })).toHaveLength(versions.length);
  // Of ten; the service's other parts begin at the same time.
  expect(most).toBeLessThanOrEqual(5);
});
