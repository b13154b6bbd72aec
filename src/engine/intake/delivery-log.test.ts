import { execFile } from 'node:child_process';
import { constants, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryDatabase } from '../testing.ts';
import type { NewDelivery } from './delivery.ts';
import { type DeliveryLog, openDeliveryLog } from './delivery-log.ts';
import { savePosition } from './log-position.ts';
import { encodeHead } from './log-record.ts';
import { segmentFile } from './log-segments.ts';
import { type Damage, readLog } from './read-log.ts';

let place: Awaited<ReturnType<typeof temporaryDatabase>>;
let directory: string;
const opened: DeliveryLog[] = [];
beforeEach(async () => {
  place = await temporaryDatabase();
  directory = await mkdtemp(join(tmpdir(), 'signalbox-log-'));
});
afterEach(async () => {
  for (const log of opened.splice(0)) await log.close();
  await place.remove();
  await rm(directory, { recursive: true, force: true });
});

async function openLog(where = directory): Promise<DeliveryLog> {
  const log = await openDeliveryLog({ directory: where, database: place.database });
  opened.push(log);
  return log;
}

const delivery = (dedupeKey: string, body: Uint8Array = Buffer.from(`{"key":"${dedupeKey}"}`)): NewDelivery => ({
  source: 'gitlab',
  dedupeKey,
  event: 'Push Hook',
  chain: null,
  origin: 'pushed',
  receivedAt: 1,
  body,
});

async function readAll(log: DeliveryLog): Promise<{ keys: string[]; read: NewDelivery[]; damage: Damage[] }> {
  const read: NewDelivery[] = [];
  const damage: Damage[] = [];
  for (let reading = await readLog(log); reading; reading = await readLog(log)) {
    read.push(...reading.deliveries.map(each => ({ ...each, body: Buffer.from(each.body) })));
    if (reading.damage) damage.push(reading.damage);
    await log.advance(reading.next);
  }
  return { keys: read.map(({ dedupeKey }) => dedupeKey), read, damage };
}

const accept = (log: DeliveryLog, keys: readonly string[]) =>
  Promise.all(keys.map(dedupeKey => log.accept(delivery(dedupeKey))));
const codeOf = (result: PromiseSettledResult<void>) =>
  result.status === 'fulfilled' ? 'stored' : (result.reason as { code: string }).code;

it('writes 64 concurrent deliveries together, in their order, each with its own bytes', async () => {
  const log = await openLog();
  await log.accept(delivery('first'));
  const before = await writeCalls();
  const keys = Array.from({ length: 64 }, (_, n) => `d${n}`);
  await accept(log, keys);
  // The test runner writes now and then, too.
  expect((await writeCalls()) - before).toBeLessThan(16);
  const { keys: found, read } = await readAll(log);
  expect(found).toEqual(['first', ...keys]);
  for (const { dedupeKey, body } of read) expect(Buffer.from(body).toString()).toBe(`{"key":"${dedupeKey}"}`);
  expect([log.unread, await readLog(log)]).toEqual([0, null]);
});

it('says that a delivery is on disk when it is there, and waits for the disk at each write', async () => {
  const log = await openLog();
  for (const key of ['one', 'two', 'three']) {
    await log.accept(delivery(key));
    expect(readFileSync(segmentFile(directory, 1), 'utf8')).toContain(key);
  }
  const files = readdirSync('/proc/self/fd').filter(fd => linkOf(fd) === segmentFile(directory, 1));
  const flags = files.map(fd => /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1]);
  expect(flags.map(octal => Number.parseInt(octal!, 8) & constants.O_DSYNC)).toEqual([constants.O_DSYNC]);
});

function linkOf(fd: string): string | null {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return null;
  }
}

async function writeCalls(): Promise<number> {
  return Number(/syscw: (\d+)/.exec(await readFile('/proc/self/io', 'utf8'))?.[1]);
}

it('goes on where the log was read to, after a restart and when the files are gone', async () => {
  const first = await openLog();
  await first.accept(delivery('read'));
  const read = (await readLog(first))!.next;
  await first.accept(delivery('unread'));
  await place.database.transaction(transaction => savePosition(transaction, first.id, read));
  await first.close();

  const second = await openLog();
  expect(second.unread).toBe(first.segments[0]!.end - read.offset);
  await second.accept(delivery('new'));
  const { keys, damage } = await readAll(second);
  expect([keys, damage]).toEqual([['unread', 'new'], []]);
  await place.database.transaction(transaction => savePosition(transaction, second.id, second.position));
  await second.close();
  await rm(segmentFile(directory, second.position.segment));

  const third = await openLog();
  await accept(third, ['newest']);
  expect((await readAll(third)).keys).toEqual(['newest']);
});

it('finds everything before a write that was cut off, at whichever byte', async () => {
  const log = await openLog();
  await accept(log, ['one', 'two']);
  const whole = (await stat(segmentFile(directory, 1))).size;
  await log.accept(delivery('last'));
  const size = (await stat(segmentFile(directory, 1))).size;
  for (let length = size; length >= whole; length--) {
    await truncate(segmentFile(directory, 1), length);
    const { keys, damage } = await readAll(await openLog());
    expect(keys).toEqual(length === size ? ['one', 'two', 'last'] : ['one', 'two']);
    const cut = { kind: 'unfinished', offset: whole, bytes: length - whole };
    expect(damage).toEqual(length === size || length === whole ? [] : [expect.objectContaining(cut)]);
  }
});

it('finds what follows damage, and tells exactly what is damaged', async () => {
  const log = await openLog();
  // A sender who knows the format and the marker of some segment must gain nothing from a damaged one.
  const forged = delivery('forged');
  const inner = Buffer.concat([encodeHead(forged, Buffer.from('8 bytes!')), forged.body]);
  await log.accept(delivery('one'));
  const from = log.segments[0]!.end;
  await log.accept(delivery('two', inner));
  const to = log.segments[0]!.end;
  await accept(log, ['three', 'four']);
  await log.close();
  const bytes = await readFile(segmentFile(directory, 1));
  for (let at = from; at < to; at += 7) {
    const wrong = Buffer.from(bytes);
    wrong.fill(0xff, at, at + 3);
    await writeFile(segmentFile(directory, 1), wrong);
    const { keys, damage } = await readAll(await openLog());
    expect(damage[0]).toMatchObject({ kind: 'damaged', sequence: 1, offset: from });
    const end = damage[0]!.offset + damage[0]!.bytes;
    expect([end, keys]).toEqual(at + 3 <= to ? [to, ['one', 'three', 'four']] : [end, ['one', 'four']]);
  }
});

it('tells what is missing when a segment is gone, and reads on', async () => {
  const log = await openLog();
  const large = Buffer.alloc(65 * 1024 * 1024);
  await log.accept(delivery('gone', large));
  const { end } = log.segments[0]!;
  await log.accept(delivery('there'));
  await rm(segmentFile(directory, 1));
  const { keys, damage } = await readAll(log);
  expect(keys).toEqual(['there']);
  expect(damage).toEqual([{ kind: 'damaged', file: segmentFile(directory, 1), sequence: 1, offset: 0, bytes: end }]);
});

it('finds records that are larger than what is read at once, and those around them', async () => {
  const log = await openLog();
  const large = Buffer.alloc(5_000_000, 'x');
  await Promise.all([log.accept(delivery('a')), log.accept(delivery('b', large)), log.accept(delivery('c'))]);
  const { keys, read } = await readAll(log);
  expect(keys).toEqual(['a', 'b', 'c']);
  expect(large.equals(read[1]!.body)).toBe(true);
});

it('begins a new segment when one is full, and deletes a segment once it is read', async () => {
  const log = await openLog();
  const body = Buffer.alloc(9 * 1024 * 1024);
  for (let n = 0; n < 9; n++) await log.accept(delivery(`d${n}`, body));
  const segments = async () => (await readdir(directory)).filter(name => name.endsWith('.log'));
  expect(await segments()).toEqual(['0000000000000001.log', '0000000000000002.log']);
  expect((await readAll(log)).keys).toEqual(Array.from({ length: 9 }, (_, n) => `d${n}`));
  expect(await segments()).toEqual(['0000000000000002.log']);
});

it('refuses exactly what a full disk does not take, and goes on when there is room', async () => {
  const log = await openLog();
  // The kernel's own full disk, where the next segment will be written.
  await symlink('/dev/full', segmentFile(directory, 1));
  const refused = await Promise.allSettled([log.accept(delivery('r1')), log.accept(delivery('r2'))]);
  expect(refused.map(codeOf)).toEqual(['SBX_INTAKE_DISK_FULL', 'SBX_INTAKE_DISK_FULL']);
  await accept(log, ['a', 'b']);
  await log.close();
  const { keys, damage } = await readAll(await openLog());
  expect([keys, damage]).toEqual([['a', 'b'], []]);
});

it('takes back what a write had begun to put on disk when it ran out of room', async () => {
  // In a process of its own, whose files may have 100 KiB: the kernel writes up to that and no further.
  const program = `
    import { openDeliveryLog } from ${JSON.stringify(new URL('./delivery-log.ts', import.meta.url).href)};
    import { openSqlite } from ${JSON.stringify(new URL('../../storage/sqlite/open-sqlite.ts', import.meta.url).href)};
    const database = await openSqlite(':memory:');
    const log = await openDeliveryLog({ directory: process.argv[2], database });
    const body = new Uint8Array(30_000);
    const stored = [];
    for (let n = 0; n < 8; n++) {
      const delivery = { source: 's', dedupeKey: 'd' + n, event: '', chain: null, origin: 'pushed', receivedAt: 1, body };
      await log.accept(delivery).then(() => stored.push('d' + n), error => stored.push(error.code));
    }
    console.log(JSON.stringify(stored));
    process.exit(0);`;
  const file = join(directory, 'program.mjs');
  await writeFile(file, program);
  const limited = 'ulimit -f 200; exec "$0" "$@"';
  const run = promisify(execFile)('sh', ['-c', limited, process.execPath, file, join(directory, 'log')]);
  const outcomes = JSON.parse((await run).stdout) as string[];
  const refused = 'SBX_INTAKE_NOT_STORED';
  expect(outcomes).toEqual(['d0', 'd1', 'd2', refused, 'd4', 'd5', 'd6', refused]);
  const { keys, damage } = await readAll(await openLog(join(directory, 'log')));
  expect([keys, damage]).toEqual([['d0', 'd1', 'd2', 'd4', 'd5', 'd6'], []]);
});

it('refuses what would be held in memory beyond its bound, and takes it again afterwards', async () => {
  const log = await openLog();
  const large = Buffer.alloc(60 * 1024 * 1024);
  const all = await Promise.allSettled(Array.from({ length: 5 }, (_, n) => log.accept(delivery(`l${n}`, large))));
  expect(all.map(codeOf)).toEqual([...Array.from({ length: 4 }, () => 'stored'), 'SBX_INTAKE_OVERLOADED']);
  await log.accept(delivery('later'));
});

it('refuses more than may wait to be read, and takes it again once it was read', async () => {
  const log = await openDeliveryLog({ directory, database: place.database, unreadBytes: 30_000_000 });
  opened.push(log);
  const large = Buffer.alloc(33 * 1024 * 1024);
  await log.accept(delivery('a', large));
  await log.accept(delivery('b', large));
  await expect(log.accept(delivery('c'))).rejects.toMatchObject({ code: 'SBX_INTAKE_OVERLOADED' });
  expect((await readAll(log)).keys).toEqual(['a', 'b']);
  await log.accept(delivery('c'));
  expect((await readAll(log)).keys).toEqual(['c']);
});

it('accepts what follows in the same turn as an answer', async () => {
  const log = await openLog();
  for (let n = 0; n < 20; n++) await log.accept(delivery(`d${n}`));
  expect((await readAll(log)).keys).toHaveLength(20);
});

it('does not begin anew over segments whose id is lost', async () => {
  const log = await openLog();
  await log.accept(delivery('a'));
  await rm(join(directory, 'id'));
  await expect(openLog()).rejects.toMatchObject({ code: 'SBX_INTAKE_LOG_UNUSABLE' });
});
