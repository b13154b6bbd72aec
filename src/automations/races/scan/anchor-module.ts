/**
 * The WebAssembly module that looks for the start of a race report, thirty-two bytes at a time.
 *
 * Why not `Buffer.indexOf`: it finds one needle at about 0.8 of grep's speed, but there are three detectors and the
 * quoted report that lost its first line, and three passes over a log run at a third of it. One pass with SIMD looks
 * for all of them at the speed of grep with one word. The module is 400 bytes, written out here so that it can be read.
 *
 * `find(from, end)` returns the first anchor at or after `from`, or -1. An anchor is the position of
 *  - the `G` of `…G: DATA RACE`, `…G: ThreadSanitizer`, `…G: KCSAN`, or
 *  - the `g` of `by goroutine`, `main goroutine` (an access header whose marker line is missing).
 * It may read 4 bytes before `from` and 48 after `end`: the caller keeps that much slack around its data.
 */

/** LEB128, as WebAssembly writes every number. */
function unsigned(value: number): number[] {
  const bytes = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}

function signed(value: bigint): number[] {
  const bytes = [];
  let rest = value;
  for (;;) {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    if ((rest === 0n && (byte & 0x40) === 0) || (rest === -1n && (byte & 0x40) !== 0)) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
}

const sized = (bytes: number[]): number[] => [...unsigned(bytes.length), ...bytes];
const section = (id: number, bytes: number[]): number[] => [id, ...sized(bytes)];
const name = (text: string): number[] => sized([...Buffer.from(text)]);

const I32 = 0x7f;
const V128 = 0x7b;
const VOID = 0x40;

// Locals: two parameters, then two groups of candidate lanes, their bit mask, and one candidate.
const [FROM, END, LOW, HIGH, BITS, HIT] = [0, 1, 2, 3, 4, 5];
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const i32 = (value: number): number[] => [0x41, ...signed(BigInt(value))];
const simd = (op: number): number[] => [0xfd, ...unsigned(op)];
const splat = (byte: number): number[] => [...simd(0x0c), ...Array<number>(16).fill(byte)];

const [I32_EQ, I32_GE_U, I32_CTZ, I32_ADD, I32_SUB, I32_AND, I32_OR, I32_SHL, I64_EQ] = [
  0x46, 0x4f, 0x68, 0x6a, 0x6b, 0x71, 0x72, 0x74, 0x51,
];
const [V_EQ, V_AND, V_OR, V_ANY_TRUE, V_BITMASK] = [simd(0x23), simd(0x4e), simd(0x50), simd(0x53), simd(0x64)];
const [IF, LOOP, BRANCH, RETURN, END_BLOCK] = [0x04, 0x03, 0x0c, 0x0f, 0x0b];

/** All of the terms, or any of them; the operator stands behind its two operands. */
const joined = (operator: number[], terms: number[][]): number[] =>
  terms.flatMap((term, index) => (index === 0 ? term : [...term, ...operator]));

/** The sixteen bytes that are `offset` further than those in question. */
const lanes = (offset: number): number[] => [...get(FROM), ...simd(0x00), 0, offset];
/** Lanes that are `value` in the bits of `mask`. */
const lanesAre = (offset: number, mask: number, value: number): number[] => [
  ...lanes(offset),
  ...splat(mask),
  ...V_AND,
  ...splat(value),
  ...V_EQ,
];

/**
 * Lanes that hold `G` or `g` before what agrees with `:` and `o` in the four bits these two share: two comparisons for
 * all anchors, and few enough in logs. Every further comparison here costs more than looking twice at what gets through.
 */
const candidates = (at: number): number[] => joined(V_AND, [lanesAre(at, 0xdf, 0x47), lanesAre(at + 1, 0xaa, 0x2a)]);

/** Does this text of four or eight bytes stand at the candidate? */
function textAt(offset: number, text: string): number[] {
  const address = offset < 0 ? [...get(HIT), ...i32(-offset), I32_SUB] : get(HIT);
  const bytes = Buffer.from(text);
  const at = Math.max(offset, 0);
  if (bytes.length === 4) return [...address, 0x28, 0, at, 0x41, ...signed(BigInt(bytes.readInt32LE())), I32_EQ];
  return [...address, 0x29, 0, at, 0x42, ...signed(bytes.readBigInt64LE()), I64_EQ];
}

const isAnchor = joined(
  [I32_OR],
  [
    textAt(3, 'DATA RAC'),
    textAt(3, 'ThreadSa'),
    textAt(3, 'KCSA'),
    joined([I32_AND], [textAt(0, 'goroutin'), joined([I32_OR], [textAt(-3, 'by g'), textAt(-3, 'in g')])]),
  ],
);

const body = [
  LOOP,
  VOID,
  ...get(FROM),
  ...get(END),
  I32_GE_U,
  IF,
  VOID,
  ...i32(-1),
  RETURN,
  END_BLOCK,
  ...candidates(0),
  ...set(LOW),
  ...candidates(16),
  ...set(HIGH),
  ...get(LOW),
  ...get(HIGH),
  ...V_OR,
  ...V_ANY_TRUE,
  IF,
  VOID,
  ...get(LOW),
  ...V_BITMASK,
  ...get(HIGH),
  ...V_BITMASK,
  ...i32(16),
  I32_SHL,
  I32_OR,
  ...set(BITS),
  LOOP,
  VOID,
  ...get(BITS),
  IF,
  VOID,
  ...get(FROM),
  ...get(BITS),
  I32_CTZ,
  I32_ADD,
  ...set(HIT),
  ...isAnchor,
  IF,
  VOID,
  ...get(HIT),
  RETURN,
  END_BLOCK,
  ...get(BITS),
  ...get(BITS),
  ...i32(1),
  I32_SUB,
  I32_AND,
  ...set(BITS),
  BRANCH,
  1,
  END_BLOCK,
  END_BLOCK,
  END_BLOCK,
  ...get(FROM),
  ...i32(32),
  I32_ADD,
  ...set(FROM),
  BRANCH,
  0,
  END_BLOCK,
  ...i32(-1),
];

const code = [2, 2, V128, 2, I32, ...body, END_BLOCK];

/** The module's bytes: it imports its memory as `scan.memory` and exports `find`. */
const ANCHOR_MODULE = Uint8Array.from([
  0x00,
  0x61,
  0x73,
  0x6d,
  1,
  0,
  0,
  0,
  ...section(1, [1, 0x60, 2, I32, I32, 1, I32]),
  ...section(2, [1, ...name('scan'), ...name('memory'), 2, 0, 1]),
  ...section(3, [1, 0]),
  ...section(7, [1, ...name('find'), 0, 0]),
  ...section(10, [1, ...sized(code)]),
]);

/** The part of the engine's WebAssembly that is used here; the compiler's library knows it only for browsers. */
export interface Engine {
  Memory: new (limits: { initial: number }) => { buffer: ArrayBuffer };
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: { find: (from: number, end: number) => number } };
}

let compiled: object | null = null;

/** The compiled module; once for all scans and threads, so that later ones start with the optimised code. */
export function anchorModule(): object {
  const engine = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;
  compiled ??= new engine.Module(ANCHOR_MODULE);
  return compiled;
}

/** A buffer of at least `size` bytes, and the search within it. */
export function searchableBuffer(size: number): { bytes: Buffer; find: (from: number, end: number) => number } {
  const engine = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;
  const memory = new engine.Memory({ initial: Math.ceil(size / 65536) });
  const instance = new engine.Instance(anchorModule(), { scan: { memory } });
  return { bytes: Buffer.from(memory.buffer), find: instance.exports.find };
}
