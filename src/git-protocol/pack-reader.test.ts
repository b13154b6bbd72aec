import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import type { ObjectType } from './pack-entry.ts';
import { type PackObject, PackReader } from './pack-reader.ts';
import type { Limits } from './remote.ts';
import { createTestRepository } from './testing/git-repository.ts';
import { importHistory } from './testing/import-history.ts';

const LIMITS: Limits = { objectBytes: 2 ** 22, keptBytes: 2 ** 26, refBytes: 2 ** 20 };
const ALL: ObjectType[] = ['commit', 'tree', 'blob', 'tag'];

const repository = createTestRepository();
const body = Array.from(
  { length: 400 },
  (_, line) => `line ${line} ${createHash('md5').update(`${line}`).digest('hex')}`,
);
importHistory(
  repository,
  Array.from({ length: 30 }, (_, index) => ({
    parents: index === 0 ? [] : [index - 1],
    message: `change ${index}\n\n${'the same long text in every message. '.repeat(20)}\n`,
    files: {
      'large.txt': body.with(index * 10, `changed ${index}`).join('\n'),
      empty: '',
      [`dir/${index}`]: `${index}`,
    },
  })),
  [{ name: 'v1.0.0', at: 3, message: 'first\n' }],
);
const names = repository
  .git(['rev-list', '--objects', '--all'])
  .split('\n')
  .map(line => line.split(' ')[0]!);

afterAll(() => repository.remove());

function pack(...options: string[]): Buffer {
  return execFileSync('git', ['pack-objects', '-q', '--stdout', '--window=50', '--depth=30', ...options], {
    cwd: repository.directory,
    input: `${names.join('\n')}\n`,
    maxBuffer: 2 ** 26,
  });
}

function read(bytes: Buffer, size: number, keep = ALL, limits = LIMITS): Map<string, PackObject> {
  const reader = new PackReader({ format: 'sha1', keep, limits });
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  return reader.end();
}

function expectAllObjects(objects: Map<string, PackObject>): void {
  expect([...objects.keys()].sort()).toEqual([...new Set(names)].sort());
  for (const [oid, { type, bytes }] of objects) {
    const expected = execFileSync('git', ['cat-file', type, oid], { cwd: repository.directory });
    expect(bytes!.equals(expected)).toBe(true);
  }
}

/** Types of the entries by git's own reading: 6 is a delta by offset, 7 one by name. */
function deltas(bytes: Buffer): number {
  execFileSync('git', ['index-pack', '--stdin', '-o', 'check.idx', 'check.pack'], {
    cwd: repository.directory,
    input: bytes,
  });
  const listed = execFileSync('git', ['verify-pack', '-v', 'check.idx'], { cwd: repository.directory }).toString();
  execFileSync('rm', ['-f', 'check.idx', 'check.pack', 'check.rev'], { cwd: repository.directory });
  return listed.split('\n').filter(line => /^[0-9a-f]{40} \w+ +\d+ \d+ \d+ \d+ [0-9a-f]{40}$/.test(line)).length;
}

describe('PackReader', () => {
  it('reads deltas by offset', () => {
    const bytes = pack('--delta-base-offset');
    expect(deltas(bytes)).toBeGreaterThan(20);
    expectAllObjects(read(bytes, 8_192));
  });

  it('reads deltas by name', () => {
    const bytes = pack();
    expect(deltas(bytes)).toBeGreaterThan(20);
    expectAllObjects(read(bytes, 8_192));
  });

  it.each([1, 7, 100_000])('reads a pack that comes in pieces of %i bytes', size => {
    expect(read(pack('--delta-base-offset'), size).size).toBe(new Set(names).size);
  });

  it('keeps only what it is told to', () => {
    const objects = read(pack('--delta-base-offset'), 4_096, ['commit']);
    const kept = [...objects.values()].filter(({ bytes }) => bytes !== null);
    expect(kept.every(({ type }) => type === 'commit')).toBe(true);
    expect(kept).toHaveLength(30);
  });

  it('reads deltas whose base comes later', () => {
    // Git writes bases first, so this pack is made by hand: the delta copies 5 bytes of the base and adds one.
    const base = Buffer.from('hello, world\n');
    const oid = createHash('sha1').update(`blob ${base.length}\0`).update(base).digest();
    const delta = Buffer.from([base.length, 6, 0x90, 5, 1, 0x21]);
    const entries = [
      Buffer.from([0x70 | delta.length]),
      oid,
      deflateSync(delta),
      Buffer.from([0x30 | base.length]),
      deflateSync(base),
    ];
    const bytes = sealed(2, entries);
    const texts = [...read(bytes, 3).values()].map(object => object.bytes!.toString());
    expect(texts.sort()).toEqual(['hello!', 'hello, world\n']);
  });

  it.each([
    ['a wrong checksum', (bytes: Buffer) => flip(bytes, bytes.length - 1), 'checksum'],
    ['damage in the middle', (bytes: Buffer) => flip(bytes, Math.floor(bytes.length / 2)), /damaged|shorter|checksum/],
    ['an end that is missing', (bytes: Buffer) => bytes.subarray(0, bytes.length - 400), 'cut off'],
    ['something after the end', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('x')]), 'checksum'],
    ['something else', () => Buffer.from('<html>this is not a pack'), 'should be a pack'],
    [
      'a delta without its base',
      () => sealed(1, [Buffer.from([0x76]), Buffer.alloc(20), deflateSync(Buffer.alloc(6))]),
      'base',
    ],
  ])('refuses %s', (_what, change, words) => {
    const broken = change(pack('--delta-base-offset'));
    expect(() => read(broken, 4_096)).toThrow(expect.objectContaining({ code: 'SBX_REMOTE_UNEXPECTED' }));
    expect(() => read(broken, 4_096)).toThrow(words);
  });

  it('gives up above its limits', () => {
    const tooLarge = expect.objectContaining({ code: 'SBX_GIT_ANSWER_TOO_LARGE' });
    expect(() => read(pack(), 4_096, ALL, { ...LIMITS, objectBytes: 10_000 })).toThrow(tooLarge);
    expect(() => read(pack(), 4_096, ALL, { ...LIMITS, keptBytes: 50_000 })).toThrow(tooLarge);
  });
});

function flip(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at]! ^= 0xff;
  return changed;
}

function sealed(count: number, entries: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat([Buffer.from('PACK\0\0\0\x02\0\0\0'), Buffer.from([count]), ...entries]);
  return Buffer.concat([bytes, createHash('sha1').update(bytes).digest()]);
}
