import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startForeignS3 } from '../../../../test/s3/start-foreign-s3.ts';
import { type S3Server, startS3 } from '../../../../test/s3/start-s3.ts';
import { openBucket } from '../../../storage/s3/open-bucket.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { bucketStore } from './bucket-store.ts';
import { directoryStore } from './directory-store.ts';
import {
  artifactName,
  createStaging,
  type ReleasePlaces,
  type ReleaseRecord,
  releasePlaces,
  writeRecord,
} from './release-files.ts';

/** One process's view of a store; the same place is seen by several. */
interface View {
  store: ArtifactStore;
  places: ReleasePlaces;
}

interface Stage {
  view(): Promise<View>;
  /** Ruins the artifact where it lasts. */
  ruin(record: ReleaseRecord): Promise<void>;
  end(): Promise<void>;
}

let directory: string;
let stage: Stage;
let one: View;
let other: View;

async function onDisk(): Promise<Stage> {
  const root = join(directory, 'shared');
  let count = 0;
  return {
    view: async () => {
      const places = releasePlaces(root, `process-${count++}`);
      return { places, store: directoryStore(places) };
    },
    ruin: record => writeFile(join(releasePlaces(root).directoryOf(record), record.file), 'x'.repeat(record.size)),
    end: async () => undefined,
  };
}

let server: S3Server;

async function inBucket(): Promise<Stage> {
  server = await startS3();
  const { endpoint, bucket: name, keys } = server;
  const bucket = openBucket({ endpoint, region: 'r', bucket: name, prefix: 'p/', pathStyle: true, ...keys });
  let count = 0;
  return {
    // Each on a machine of its own: they share nothing but the bucket.
    view: async () => {
      const places = releasePlaces(join(directory, `machine-${count++}`));
      return { places, store: bucketStore(bucket, places) };
    },
    ruin: async record => {
      const { bytes } = server.objects.get(
        `p/releases/${record.product}/${record.version}/${record.object}/${record.file}`,
      );
      bytes.fill('x');
    },
    end: async () => {
      bucket.close();
      await server.close();
    },
  };
}

/** The same, of a server that others wrote. */
async function inForeignBucket(): Promise<Stage> {
  const foreign = await startForeignS3(false);
  const { endpoint, bucket: name, keys } = foreign;
  const bucket = openBucket({ endpoint, region: 'r', bucket: name, prefix: 'p/', pathStyle: true, ...keys });
  let count = 0;
  return {
    view: async () => {
      const places = releasePlaces(join(directory, `machine-${count++}`));
      return { places, store: bucketStore(bucket, places) };
    },
    ruin: ({ product, version, object, file, size }) =>
      foreign.ruin(`p/releases/${product}/${version}/${object}/${file}`, 'x'.repeat(size)),
    end: async () => {
      bucket.close();
      await foreign.close();
    },
  };
}

async function begin(kind: () => Promise<Stage>): Promise<void> {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-store-'));
  stage = await kind();
  one = await stage.view();
  other = await stage.view();
  await one.store.open();
  await other.store.open();
}
afterEach(async () => {
  await stage.end();
  await rm(directory, { recursive: true, force: true });
});

async function staged(
  { places }: View,
  version: string,
  bytes: Buffer,
): Promise<{ staging: string; record: ReleaseRecord }> {
  const digest = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex');
  const file = artifactName('appliance', version);
  const record: ReleaseRecord = {
    product: 'appliance',
    version,
    line: '5.4',
    environment: 'development',
    metadata: { notes: `it's "new"; $(id)` },
    file,
    size: bytes.length,
    md5: digest('md5'),
    sha256: digest('sha256'),
    credential: 'ci',
    receivedAt: 1_700_000_000_000,
  };
  const staging = await createStaging(places);
  await writeFile(join(staging, file), bytes);
  await writeRecord(places, staging, record, 1);
  return { staging, record };
}

async function put(view: View, version: string, bytes: Buffer): Promise<ReleaseRecord | null> {
  const { staging, record } = await staged(view, version, bytes);
  return view.store.put(staging, record);
}

const files = async (path: string) => (await readdir(path)).toSorted();

describe.each([
  ['a directory', onDisk],
  ['a bucket', inBucket],
  ['a bucket of a server that others have written', inForeignBucket],
])('%s', (_name, kind) => {
  beforeEach(() => begin(kind));

  it('keeps a release whole, for every process, with the files that its script gets', async () => {
    const bytes = randomBytes(50_000);
    const record = (await put(one, '5.4.1', bytes))!;
    for (const view of [one, other, one]) {
      const { store, places } = view;
      const there = await store.fetch(record);
      expect(await files(there)).toEqual(['SHA256SUMS', 'appliance-5.4.1.tgz', 'appliance.env', 'release.json']);
      expect((await readFile(join(there, record.file))).equals(bytes)).toBe(true);
      // What the script is told lies where it runs.
      expect(await readFile(join(there, 'appliance.env'), 'utf8')).toContain(join(there, record.file));
      expect(await readFile(join(there, 'SHA256SUMS'), 'utf8')).toBe(`${record.sha256}  ${record.file}\n`);
      expect(await files(places.staging)).toEqual([]);
      const [found] = await store.find('appliance');
      expect(await store.read(found!)).toEqual(record);
      expect(await store.holds(record)).toBe(true);
      expect(await store.isWhole(record)).toBe(true);
    }
    expect(await one.store.find('appli')).toEqual([]);
  });

  it('never replaces what is there, whoever comes with other bytes', async () => {
    const first = randomBytes(1000);
    const record = (await put(one, '5.4.1', first))!;
    for (const view of [one, other]) {
      const second = await put(view, '5.4.1', randomBytes(1000));
      if (second) await view.store.remove(second);
      expect((await readFile(join(await view.store.fetch(record), record.file))).equals(first)).toBe(true);
    }
    expect(await one.store.find('appliance')).toHaveLength(1);
  });

  it('keeps both whole when two of many come at once', async () => {
    const all = Array.from({ length: 6 }, (_, n) => [`5.4.${n % 3}`, Buffer.alloc(3000, n)] as const);
    const placed = await Promise.all(all.map(([version, bytes], n) => put(n % 2 ? one : other, version, bytes)));
    for (const record of placed) {
      if (!record) continue;
      expect(await one.store.isWhole(record)).toBe(true);
    }
    const versions = placed.filter(record => record !== null).map(record => record.version);
    expect(new Set(versions).size).toBe(3);
  });

  it('removes a release for every process, again without harm, and takes a new one in its place', async () => {
    const record = (await put(one, '5.4.1', randomBytes(1000)))!;
    await put(one, '5.4.2', randomBytes(1000));
    await other.store.remove(record);
    await other.store.remove(record);
    expect((await one.store.find('appliance')).map(({ version }) => version)).toEqual(['5.4.2']);
    expect(await one.store.read(record)).toBeNull();
    expect(await one.store.holds(record)).toBe(false);
    const bytes = randomBytes(500);
    const again = (await put(other, '5.4.1', bytes))!;
    expect((await readFile(join(await other.store.fetch(again), again.file))).equals(bytes)).toBe(true);
  });

  it('empties what an earlier process has left half done, and nothing else', async () => {
    const record = (await put(one, '5.4.1', randomBytes(1000)))!;
    await staged(one, '5.4.2', randomBytes(1000));
    const { staging } = await staged(other, '5.4.3', randomBytes(1000));
    await one.store.open();
    expect(await files(one.places.staging)).toEqual([]);
    expect(await files(staging)).toHaveLength(4);
    expect(await one.store.holds(record)).toBe(true);
    expect(await one.store.find('appliance')).toHaveLength(1);
  });

  it('lets a damaged one be set aside, so that the same version can be sent again', async () => {
    const record = (await put(one, '5.4.1', randomBytes(1000)))!;
    await stage.ruin(record);
    await one.store.setAside(record, 7);
    expect(await put(one, '5.4.1', randomBytes(1000))).not.toBeNull();
  });
});

describe('a directory', () => {
  beforeEach(() => begin(onDisk));

  it('is no whole release when a byte of the artifact has changed', async () => {
    const record = (await put(one, '5.4.1', randomBytes(1000)))!;
    await stage.ruin(record);
    expect(await one.store.holds(record)).toBe(true);
    expect(await one.store.isWhole(record)).toBe(false);
  });

  it('takes one release of a version, and says so to the second', async () => {
    expect(await put(one, '5.4.1', randomBytes(1000))).not.toBeNull();
    expect(await put(other, '5.4.1', randomBytes(1000))).toBeNull();
  });
});

describe('a bucket', () => {
  beforeEach(() => begin(inBucket));
  const keys = () => [...server.objects.all.keys()];

  it('gives no script an artifact that came with other bytes or not at all', async () => {
    const record = (await put(one, '5.4.1', randomBytes(1000)))!;
    server.faults.push({ match: /^GET .*tgz/, does: 'flip' });
    await expect(other.store.fetch(record)).rejects.toMatchObject({ code: 'SBX_ARTIFACT_DAMAGED' });
    expect(await files(other.places.staging)).toEqual([]);
    expect(await other.store.fetch(record)).toBe(other.places.directoryOf(record));
    const third = await stage.view();
    await third.store.open();
    await stage.ruin(record);
    await expect(third.store.fetch(record)).rejects.toMatchObject({ code: 'SBX_ARTIFACT_DAMAGED' });
    server.objects.all.clear();
    await expect(third.store.fetch(record)).rejects.toMatchObject({ code: 'SBX_ARTIFACT_DAMAGED' });
    expect(await files(third.places.root)).not.toContain('appliance');
  });

  it('brings an artifact here once, and drops the copy when no script has used it for a day', async () => {
    const record = (await put(one, '5.4.1', randomBytes(1000)))!;
    const downloads = () => server.requests.filter(line => /^GET .*tgz/.test(line)).length;
    await one.store.fetch(record);
    expect(downloads()).toBe(0);
    await other.store.fetch(record);
    await other.store.fetch(record);
    expect(downloads()).toBe(1);
    const copy = other.places.directoryOf(record);
    const old = new Date(Date.now() - 25 * 60 * 60_000);
    await utimes(join(copy, 'release.json'), old, old);
    await put(other, '5.4.2', randomBytes(1000));
    expect(await files(join(other.places.root, 'appliance'))).toEqual(['5.4.2']);
    await other.store.fetch(record);
    expect(downloads()).toBe(2);
  });

  it('holds no release before its marker is there, and says so when the bucket does not answer', async () => {
    server.faults.push({ match: /^PUT .*release\.json/, does: { status: 503, code: 'SlowDown' }, times: 9 });
    await expect(put(one, '5.4.1', randomBytes(1000))).rejects.toMatchObject({ code: 'SBX_ARTIFACTS_UNREACHABLE' });
    expect(keys()).toHaveLength(1);
    expect(await one.store.find('appliance')).toEqual([]);
    server.faults.splice(0);
  });

  it('knows what uploads that were cut off have left, and leaves alone what may be on its way', async () => {
    const kept = (await put(one, '5.4.1', randomBytes(10)))!;
    const beaten = (await put(one, '5.4.1', randomBytes(10)))!;
    const unknown = (await put(one, '5.4.2', randomBytes(10)))!;
    const cut = (await put(one, '5.4.3', randomBytes(10)))!;
    server.objects.all.delete(keys().find(key => key.includes(cut.object!) && key.endsWith('release.json'))!);
    const known = new Set(['5.4.1', `5.4.1/${kept.object}`]);
    const found = async (now: number) =>
      (await one.store.orphans('appliance', known, now)).map(({ object }) => String(object)).toSorted();
    expect(await found(Date.now())).toEqual([]);
    const tomorrow = Date.now() + 25 * 60 * 60_000;
    expect(await found(tomorrow)).toEqual([beaten, cut].map(({ object }) => String(object)).toSorted());
    for (const orphan of await one.store.orphans('appliance', known, tomorrow)) await one.store.remove(orphan);
    expect(await found(tomorrow)).toEqual([]);
    expect((await one.store.find('appliance')).map(({ object }) => String(object)).toSorted()).toEqual(
      [kept, unknown].map(({ object }) => String(object)).toSorted(),
    );
  });
});
