import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { unpackBytes } from '../../storage/pack-bytes.ts';
import { readJournal } from '../journal/journal.ts';
import { QUICK_PACE, type TemporaryDatabase, temporaryDatabase } from '../testing.ts';
import { type DeliveryLog, openDeliveryLog } from './delivery-log.ts';
import { segmentFile } from './log-segments.ts';
import { sortDeliveries } from './sort-deliveries.ts';

let place: TemporaryDatabase;
let said: { message: string; fields: Record<string, unknown> | undefined }[];
beforeEach(async () => {
  place = await temporaryDatabase();
  said = [];
});
afterEach(() => place.remove());

const say = (message: string, fields?: Record<string, unknown>) => said.push({ message, fields });
const context = (intake: DeliveryLog) => ({
  database: place.database,
  intake,
  nameKeys: ({ payload }: { payload: unknown }) => {
    const { key } = payload as { key: string };
    if (key === 'poison') throw new Error('an odd shape');
    return [{ key: `thing:${key}`, reason: 'a delivery' }];
  },
  pace: QUICK_PACE,
  now: Date.now,
  log: { info: say, warn: say, error: say },
});
const accept = (key: string, source = 'gitlab', text = '') =>
  place.intake.accept({
    source,
    dedupeKey: key,
    event: 'e',
    chain: 'c',
    origin: 'pushed',
    receivedAt: 1,
    body: Buffer.from(JSON.stringify({ key, text })),
  });
async function sortAll(intake = place.intake): Promise<number> {
  let readings = 0;
  while (await sortDeliveries(context(intake))) readings++;
  return readings;
}
const stored = () => place.database.query.selectFrom('deliveries').selectAll().orderBy('id').execute();
const signalled = async () =>
  (await readJournal(place.database.query, { kind: 'signal' })).map(row => row.key).toReversed();

it('stores each delivery once and signals it once, whenever its copy comes', async () => {
  await Promise.all([accept('a', 'gitlab', 'x'.repeat(5000)), accept('a'), accept('a', 'freshdesk'), accept('b')]);
  expect(await sortAll()).toBe(1);
  await accept('a');
  await accept('c');
  await sortAll();
  const rows = await stored();
  expect(rows.map(row => `${row.source} ${row.dedupe_key} ${row.state} ${row.keys}`)).toEqual([
    'gitlab a sorted ["thing:a"]',
    'freshdesk a sorted ["thing:a"]',
    'gitlab b sorted ["thing:b"]',
    'gitlab c sorted ["thing:c"]',
  ]);
  expect(JSON.parse(Buffer.from(unpackBytes(rows[0]!.body)).toString())).toEqual({ key: 'a', text: 'x'.repeat(5000) });
  expect(await signalled()).toEqual(['thing:a', 'thing:a', 'thing:b', 'thing:c']);
});

it('reads nothing twice when the process ended before the read segment was deleted', async () => {
  await accept('a');
  const file = segmentFile(place.intake.directory, 1);
  await copyFile(file, join(place.intake.directory, 'copy'));
  await sortAll();
  await copyFile(join(place.intake.directory, 'copy'), file);
  await place.database.query.deleteFrom('deliveries').execute();
  const next = await openDeliveryLog({ directory: place.intake.directory, database: place.database });
  expect([next.unread, await sortAll(next)]).toEqual([0, 0]);
  await next.close();
});

it('changes nothing when the transaction fails, and reads the same again', async () => {
  await accept('a');
  const failing = {
    ...context(place.intake),
    database: {
      ...place.database,
      transaction: <T>(work: Parameters<typeof place.database.transaction<T>>[0]) =>
        place.database.transaction<T>(async transaction => {
          await work(transaction);
          throw new Error('the disk is full');
        }),
    },
  };
  await expect(sortDeliveries(failing)).rejects.toThrow('the disk is full');
  expect([await stored(), await signalled()]).toEqual([[], []]);
  await sortAll();
  expect(await signalled()).toEqual(['thing:a']);
});

it('reads on after a delivery on which a reader fails, and says so', async () => {
  await Promise.all([accept('poison'), accept('a')]);
  await sortAll();
  expect(await signalled()).toEqual([null, 'thing:a']);
  expect(said).toEqual([
    {
      message: 'the keys of a delivery could not be named',
      fields: { source: 'gitlab', event: 'e', error: 'Error: an odd shape' },
    },
  ]);
});

it('says loudly what is damaged, keeps it, and reads what follows', async () => {
  await accept('a');
  await accept('b');
  const end = place.intake.segments[0]!.end;
  await accept('c');
  const file = segmentFile(place.intake.directory, 1);
  const bytes = await readFile(file);
  const from = end / 2;
  bytes.fill(0xa5, from + 30, from + 50);
  await writeFile(file, bytes);
  await sortAll();
  expect(await signalled()).toEqual(['thing:a', 'thing:c']);
  const [{ message, fields }] = said as [(typeof said)[number]];
  expect(message).toBe('a part of the intake log is damaged');
  expect(fields).toMatchObject({ code: 'SBX_INTAKE_LOG_DAMAGED', file, offset: from, bytes: end - from });
  expect((await readFile(String(fields!['kept_as']))).equals(bytes.subarray(from, end))).toBe(true);
  const [row] = await readJournal(place.database.query, { kind: 'service' });
  expect(row!.data).toMatchObject({ intake_log: 'damaged', offset: from });
});
