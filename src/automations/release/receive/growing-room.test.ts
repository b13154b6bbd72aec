import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SignalboxError } from '../../../errors.ts';
import { Space } from '../store/space.ts';
import { FIRST_ROOM, GrowingRoom } from './growing-room.ts';

const MIB = 1024 * 1024;

function chain(disk: number) {
  const asked: number[] = [];
  let [room, taken] = [FIRST_ROOM, 0];
  const sink = {
    mustWait: false,
    drained: async () => undefined,
    write: (chunk: Buffer) => {
      taken += chunk.length;
    },
  };
  const extend = async (bytes: number) => {
    asked.push(bytes);
    if (room + bytes > disk) throw new SignalboxError('SBX_RELEASE_NO_SPACE', 'does not fit');
    room += bytes;
  };
  return { growing: new GrowingRoom(sink, { extend }), asked, state: () => ({ room, taken }) };
}

/** As the pump does: writes, and waits where it is told to. */
async function feed(growing: GrowingRoom, sizes: readonly number[]): Promise<void> {
  for (const size of sizes) {
    growing.write(Buffer.alloc(size));
    while (growing.mustWait) await growing.drained();
  }
}

it('keeps as much again as has come, up to 64 MiB', async () => {
  const { growing, asked } = chain(Number.POSITIVE_INFINITY);
  await feed(growing, Array<number>(200).fill(MIB));
  expect(asked.map(bytes => bytes / MIB)).toEqual([1, 2, 4, 8, 16, 32, 64, 64, 64]);
});

it('is never a chunk ahead of its room, and ends when there is none', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 64 * 1024 }), { maxLength: 300 }),
      fc.integer({ min: FIRST_ROOM, max: 16 * MIB }),
      async (sizes, disk) => {
        const { growing, state } = chain(disk);
        const total = sizes.reduce((sum, size) => sum + size, 0);
        const ended = await feed(growing, sizes).then(
          () => null,
          (error: SignalboxError) => error.code,
        );
        const { room, taken } = state();
        expect(taken).toBeLessThanOrEqual(room + 64 * 1024);
        if (ended === null) expect(taken).toBe(total);
        else expect([ended, total > room]).toEqual(['SBX_RELEASE_NO_SPACE', true]);
      },
    ),
    { numRuns: 50 },
  );
});

it('takes its share of the disk from all others', async () => {
  const space = new Space(tmpdir());
  const first = await space.reserve(MIB);
  await expect(space.reserve(2 ** 60)).rejects.toMatchObject({ code: 'SBX_RELEASE_NO_SPACE' });
  await expect(first.extend(2 ** 60)).rejects.toMatchObject({ code: 'SBX_RELEASE_NO_SPACE' });
  // What did not fit is not counted any more.
  const second = await space.reserve(MIB);
  await first.extend(MIB);
  first.written(2 * MIB);
  first.release();
  second.release();
});
