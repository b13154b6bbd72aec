import fc from 'fast-check';

/** No input gets longer than this; what only long inputs show has tests of its own. */
const LONGEST = 64 * 1024;
/** Where parsers miscount. */
const BYTES = [0x00, 0x01, 0x0a, 0x0d, 0x20, 0x22, 0x27, 0x2e, 0x2f, 0x3c, 0x5c, 0x7f, 0x80, 0xc0, 0xe2, 0xff];
const NUMBERS = '0 1 -1 00 0000 0003 0004 fff0 ffff 255 65535 65536 4294967295 9007199254740993 1e999 -0 0x10'.split(
  ' ',
);
const WORDS32 = [0, 1, 0x7f, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** Positions are shares of 2^32, so that they mean the same for every length. */
type Change =
  | { do: 'flip'; at: number; bit: number }
  | { do: 'set'; at: number; byte: number }
  | { do: 'cut' | 'behead'; at: number }
  | { do: 'drop'; at: number; length: number }
  | { do: 'repeat'; at: number; length: number; times: number }
  | { do: 'move'; at: number; length: number; to: number }
  | { do: 'insert'; at: number; word: number }
  | { do: 'splice'; at: number; other: number; from: number }
  | { do: 'lie'; at: number; number: number }
  | { do: 'lie32'; at: number; value: number; little: boolean };

const place = fc.nat({ max: 0xffffffff });
const length = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 16 }) }, fc.integer({ min: 1, max: 4096 }));

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ do: fc.constant('flip' as const), at: place, bit: fc.nat({ max: 7 }) }),
  fc.record({ do: fc.constant('set' as const), at: place, byte: fc.constantFrom(...BYTES) }),
  fc.record({ do: fc.constantFrom('cut' as const, 'behead' as const), at: place }),
  fc.record({ do: fc.constant('drop' as const), at: place, length }),
  fc.record({ do: fc.constant('repeat' as const), at: place, length, times: fc.constantFrom(1, 2, 3, 40, 1000) }),
  fc.record({ do: fc.constant('move' as const), at: place, length, to: place }),
  fc.record({ do: fc.constant('insert' as const), at: place, word: place }),
  fc.record({ do: fc.constant('splice' as const), at: place, other: place, from: place }),
  fc.record({ do: fc.constant('lie' as const), at: place, number: fc.nat({ max: NUMBERS.length - 1 }) }),
  fc.record({
    do: fc.constant('lie32' as const),
    at: place,
    value: fc.constantFrom(...WORDS32),
    little: fc.boolean(),
  }),
);

/**
 * Inputs that are nearly right: an entry of the corpus with a few changes (bits, bytes, cuts, repetitions, splices, lengths that
 * lie). They get further into a parser than any random bytes.
 *
 * @param words what means something to this parser, put in anywhere
 */
export function mutated(corpus: readonly Buffer[], words: readonly string[] = []): fc.Arbitrary<Buffer> {
  return fc
    .record({
      entry: fc.nat({ max: corpus.length - 1 }),
      changes: fc.array(change, { minLength: 1, maxLength: 6 }),
    })
    .map(({ entry, changes }) =>
      changes.reduce((bytes, each) => apply(each, bytes, corpus, words).subarray(0, LONGEST), corpus[entry]!),
    );
}

function apply(each: Change, bytes: Buffer, corpus: readonly Buffer[], words: readonly string[]): Buffer {
  const at = share(each.at, bytes.length + 1);
  const before = bytes.subarray(0, at);
  switch (each.do) {
    case 'flip':
    case 'set': {
      if (bytes.length === 0) return bytes;
      const copy = Buffer.from(bytes);
      const index = share(each.at, bytes.length);
      copy[index] = each.do === 'set' ? each.byte : copy[index]! ^ (1 << each.bit);
      return copy;
    }
    case 'cut':
      return before;
    case 'behead':
      return bytes.subarray(at);
    case 'drop':
      return Buffer.concat([before, bytes.subarray(at + each.length)]);
    case 'repeat': {
      const piece = bytes.subarray(at, at + each.length);
      const times = Math.min(each.times, Math.ceil(LONGEST / Math.max(1, piece.length)));
      return Buffer.concat([before, ...Array.from({ length: times }, () => piece), bytes.subarray(at)]);
    }
    case 'move': {
      const rest = Buffer.concat([before, bytes.subarray(at + each.length)]);
      const to = share(each.to, rest.length + 1);
      return Buffer.concat([rest.subarray(0, to), bytes.subarray(at, at + each.length), rest.subarray(to)]);
    }
    case 'insert': {
      const word = words[share(each.word, words.length)] ?? '';
      return Buffer.concat([before, Buffer.from(word), bytes.subarray(at)]);
    }
    case 'splice': {
      const other = corpus[share(each.other, corpus.length)]!;
      return Buffer.concat([before, other.subarray(share(each.from, other.length + 1))]);
    }
    case 'lie': {
      const numbers = [...bytes.toString('latin1').matchAll(/\d+|[0-9a-f]{4}/g)];
      const found = numbers[share(each.at, numbers.length)];
      if (found === undefined) return bytes;
      const rest = bytes.subarray(found.index + found[0].length);
      return Buffer.concat([bytes.subarray(0, found.index), Buffer.from(NUMBERS[each.number]!), rest]);
    }
    case 'lie32': {
      if (bytes.length < 4) return bytes;
      const copy = Buffer.from(bytes);
      const index = share(each.at, bytes.length - 3);
      if (each.little) copy.writeUInt32LE(each.value, index);
      else copy.writeUInt32BE(each.value, index);
      return copy;
    }
  }
}

function share(position: number, of: number): number {
  return Math.floor((position / 0x100000000) * of);
}

const DEEP = JSON.parse(`${'['.repeat(500)}1${']'.repeat(500)}`) as unknown;
const POLLUTING: unknown = JSON.parse('{"__proto__":{"polluted":true}}');
const NUMBERS_AND_NOTHING: readonly unknown[] = [null, true, false, 0, -1, 0.5, 1e308, 2 ** 53];
const TEXTS = ['', ' ', '\0', '0', '-1', 'null', '../..', 'a\r\nb: c', '\ud800', '<script>', '/close', '@all'];
const LONG = ['https://evil.example/', 'javascript:1', 'x'.repeat(5000)];
const SHAPES: readonly unknown[] = [[], {}, [[]], DEEP, POLLUTING, { length: 1e9 }, [null, {}], { constructor: 1 }];
const ODD = [...NUMBERS_AND_NOTHING, ...TEXTS, ...LONG, ...SHAPES];

/** Values that are nearly of the right shape: an entry of the corpus in which a few members are something else, or missing. */
export function mutatedJson(corpus: readonly unknown[]): fc.Arbitrary<unknown> {
  const edit = fc.record({ at: place, to: fc.nat({ max: ODD.length + 1 }), other: place });
  return fc
    .record({ entry: fc.nat({ max: corpus.length - 1 }), edits: fc.array(edit, { minLength: 1, maxLength: 4 }) })
    .map(({ entry, edits }) => {
      const holder = { value: structuredClone(corpus[entry]) };
      for (const { at, to, other } of edits) {
        const places = placesIn(holder);
        const found = places[share(at, places.length)];
        const away = places[share(other, places.length)];
        if (!found || !away) continue;
        if (to === ODD.length) delete found.owner[found.name];
        else found.owner[found.name] = structuredClone(to > ODD.length ? away.owner[away.name] : ODD[to]);
      }
      return holder.value;
    });
}

interface Place {
  owner: Record<string, unknown>;
  name: string;
}

function placesIn(value: unknown): Place[] {
  const found: Place[] = [];
  const open = [value];
  for (let each = open.pop(); each !== undefined; each = open.pop()) {
    if (typeof each !== 'object' || each === null) continue;
    for (const [name, inside] of Object.entries(each)) {
      found.push({ owner: each as Record<string, unknown>, name });
      // What is deep on purpose needs no more changes.
      if (inside !== DEEP && found.length < 5000) open.push(inside ?? null);
    }
  }
  return found;
}
