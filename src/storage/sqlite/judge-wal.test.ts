import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { judgeWal } from './judge-wal.ts';

const PAGE = 4096;
const FRAME = 24 + PAGE;
const COMMITS = 12;

let directory: string;
let log: Buffer;
/** Where the frames of each transaction begin, and where the last one ends. */
let begins: number[];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-wal-'));
  const file = join(directory, 'a.db');
  const database = new DatabaseSync(file);
  database.exec(`pragma page_size = ${PAGE}; pragma journal_mode = wal; create table a (b)`);
  for (let n = 1; n < COMMITS; n++) database.exec(`insert into a values (randomblob(${n * 1000}))`);
  log = await readFile(`${file}-wal`);
  database.close();
  begins = [32];
  for (let at = 32; at < log.length; at += FRAME) if (log.readUInt32BE(at + 4) !== 0) begins.push(at + FRAME);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const damaged = (at: number) => {
  const bytes = Buffer.from(log);
  bytes[at]! ^= 0x10;
  return judgeWal(bytes).damaged;
};

it('takes a log that was cut off at any place: of the last write a power cut leaves what it likes', () => {
  expect(begins).toHaveLength(COMMITS + 1);
  for (let length = 0; length <= log.length; length += 500)
    expect(judgeWal(log.subarray(0, length)).damaged).toBe(false);
  expect(judgeWal(log).damaged).toBe(false);
  // Blocks of the last transaction that did not arrive, while others did.
  const torn = Buffer.from(log);
  torn.fill(0, begins.at(-2)!, begins.at(-2)! + FRAME);
  expect(judgeWal(torn).damaged).toBe(false);
});

it('finds a damaged byte anywhere in a transaction that others follow', () => {
  const lastTold = begins.at(-3)!;
  let found = 0;
  for (let at = 32; at < lastTold; at += 97) {
    // The number of the frame's page, its salts, its sum and its bytes are all under the sum.
    expect({ at, damaged: damaged(at) }).toEqual({ at, damaged: true });
    found++;
  }
  expect(found).toBeGreaterThan(300);
});

it('finds a header that is none, unless nothing was written behind it', () => {
  for (let at = 0; at < 32; at++) expect({ at, damaged: damaged(at) }).toEqual({ at, damaged: true });
  expect(judgeWal(Buffer.alloc(32)).damaged).toBe(false);
});

it('takes what is left of older, longer transactions behind the last one', () => {
  // Of two that failed one after another, each longer than what then succeeded in their place: ends without their beginnings.
  const end = (n: number) => log.subarray(begins[n]! + FRAME, begins[n + 1]);
  const bytes = Buffer.concat([log.subarray(0, begins[2]), end(11), end(10), end(9)]);
  expect(end(9).length).toBeGreaterThan(0);
  expect(judgeWal(bytes).damaged).toBe(false);
});
