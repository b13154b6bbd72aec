import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scanRefs } from '../../git-protocol/list-refs.ts';
import { FLUSH, packet } from '../../git-protocol/pkt-line.ts';
import { describeRemote } from '../../git-protocol/remote.ts';
import { TagDigest } from './tag-digest.ts';

const COMMIT = 'c'.repeat(40);
const OTHERS = ['a1', 'b2', 'cc'].map(start => start.padEnd(40, '0'));

const number = fc.oneof(
  fc.nat(12).map(String),
  fc.constantFrom('00', '01', '', '9999999', '99999999', '9'.repeat(20), 'x'),
);
const version = fc
  .tuple(number, number, fc.constantFrom('', '', '', '-rc.1', '+x', '.4', '/x', 'é'))
  .map(([minor, patch, more]) => `v1.${minor}.${patch}${more}`);
const name = fc.oneof(
  { weight: 8, arbitrary: version },
  fc.tuple(fc.constantFrom('sub/', 'deep/sub/', 'é/'), version).map(parts => parts.join('')),
  fc.constantFrom('v2.0.0', 'v10.0.1', 'V1.2.3', '1.2.3', '.1.2', 'v1.2', 'v1', 'latest', 'x'.repeat(300)),
);
const line = fc.record({
  name,
  oid: fc.constantFrom(COMMIT, ...OTHERS),
  peeled: fc.constantFrom(null, COMMIT, ...OTHERS),
  end: fc.constantFrom('\n', '\n', '\n', '', ' symref-target:refs/tags/v1.0.0\n'),
});

/** What the digest keeps of a list that comes in these pieces. */
async function digest(pieces: readonly Buffer[], inRuns: boolean, keep: number) {
  const taken = new TagDigest(COMMIT, keep);
  const remote = describeRemote({
    url: 'http://127.0.0.1:1/x.git',
    send: async () => ({
      status: 200,
      headers: { 'content-type': 'application/x-git-upload-pack-result' },
      body: (async function* () {
        yield* pieces;
      })(),
    }),
  });
  const takeRun = inRuns ? (bytes: Buffer, at: number) => taken.addRun(bytes, at) : undefined;
  await scanRefs(remote, { prefixes: ['refs/tags/'] }, each => taken.add(each), takeRun);
  return taken.result();
}

it('keeps the same of a list, taken line by line or in runs, wherever it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(line, { maxLength: 60, selector: each => each.name }),
      fc.array(fc.nat(6_000), { maxLength: 6 }),
      fc.constantFrom(1, 2, 128),
      async (lines, cuts, keep) => {
        const packets = lines.map(({ name: tag, oid, peeled, end }) => {
          return packet(`${oid} refs/tags/${tag}${peeled === null ? '' : ` peeled:${peeled}`}${end}`);
        });
        const bytes = Buffer.from(packets.join('') + FLUSH);
        const at = [0, ...cuts.filter(cut => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        expect(await digest(pieces, true, keep)).toEqual(await digest([bytes], false, keep));
      },
    ),
    { numRuns: 400 },
  );
});

it('drops nothing but what is below enough others of its prefix and major', async () => {
  const plain = /^(.*v\d+)\.(0|[1-9]\d{0,6})\.(0|[1-9]\d{0,6})$/;
  const orderOf = (tag: string) => Number(plain.exec(tag)![2]) * 2 ** 26 + Number(plain.exec(tag)![3]);
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(line, { maxLength: 80, selector: each => each.name }),
      fc.constantFrom(1, 2, 5),
      async (lines, keep) => {
        const packets = lines.map(({ name: tag, oid }) => packet(`${oid} refs/tags/${tag}\n`));
        const { tags, cutBelow } = await digest([Buffer.from(packets.join('') + FLUSH)], true, keep);
        const kept = new Map(tags.map(tag => [tag.name, tag.peeled]));
        for (const { name: tag, oid } of lines) {
          if (kept.has(tag)) {
            expect(kept.get(tag)).toBe(oid);
            continue;
          }
          expect(oid).not.toBe(COMMIT);
          const group = plain.exec(tag)![1];
          const above = [...kept].filter(([other, at]) => at !== COMMIT && plain.exec(other)?.[1] === group);
          expect(above).toHaveLength(keep);
          const orders = above.map(([other]) => orderOf(other));
          expect(Math.min(...orders)).toBeGreaterThan(orderOf(tag));
          expect(cutBelow).toContain(above[orders.indexOf(Math.min(...orders))]![0]);
        }
      },
    ),
    { numRuns: 300 },
  );
});

it('takes a long list in few runs', () => {
  const names = Array.from({ length: 3_000 }, (_none, at) => `v1.${Math.floor(at / 50)}.${at % 50}`);
  const bytes = Buffer.from(names.map(tag => packet(`${OTHERS[0]} refs/tags/${tag} peeled:${OTHERS[1]}\n`)).join(''));
  const taken = new TagDigest(COMMIT);
  expect(taken.addRun(bytes, 0)).toBe(0);
  const nameEnd = bytes.indexOf(' peeled', 0);
  taken.add({ bytes, nameStart: 45, nameEnd, peeledStart: nameEnd + ' peeled:'.length, oidLength: 40 });
  const first = Number.parseInt(bytes.toString('latin1', 0, 4), 16);
  expect(taken.addRun(bytes, first)).toBe(bytes.length);
  const { tags, cutBelow } = taken.result();
  expect(new Set(tags.map(tag => tag.name))).toEqual(new Set(names.slice(-128)));
  expect(cutBelow).toEqual([names.at(-128)]);
});
