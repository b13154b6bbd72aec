/** Below this the digest is made here: loading node:crypto takes as long as 30 KiB take here, before a line of it is compiled. */
const SMALL = 8 * 1024;

export type DigestFormat = 'sha1' | 'sha256';

/** A digest over pieces. */
export interface Digest {
  update(bytes: Buffer): void;
  finish(): Buffer;
}

/** Keeps what it is given for as long as that is little; the pieces must not change. */
export function startDigest(format: DigestFormat): Digest {
  let pieces: Buffer[] = [];
  let length = 0;
  let hash: ReturnType<typeof openHash> | null = null;
  return {
    update(bytes) {
      length += bytes.length;
      if (hash) hash.update(bytes);
      else pieces.push(bytes);
      if (hash || (format === 'sha1' && length <= SMALL)) return;
      hash = openHash(format);
      for (const piece of pieces) hash.update(piece);
      pieces = [];
    },
    finish: () => (hash ? hash.digest() : format === 'sha1' ? sha1(Buffer.concat(pieces)) : openHash(format).digest()),
  };
}

function openHash(format: DigestFormat) {
  return process.getBuiltinModule('node:crypto').createHash(format);
}

/** FIPS 180-4, for small things: https://doi.org/10.6028/NIST.FIPS.180-4 */
function sha1(bytes: Buffer): Buffer {
  const padded = Buffer.alloc(((bytes.length + 8) >> 6) * 64 + 64);
  bytes.copy(padded);
  padded[bytes.length] = 0x80;
  padded.writeUInt32BE(bytes.length * 8, padded.length - 4);
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  const words = new Int32Array(80);
  for (let block = 0; block < padded.length; block += 64) {
    for (let at = 0; at < 16; at++) words[at] = padded.readInt32BE(block + at * 4);
    mix(state, words);
  }
  const digest = Buffer.alloc(20);
  for (const [at, word] of state.entries()) digest.writeInt32BE(word, at * 4);
  return digest;
}

function mix(state: Int32Array, words: Int32Array): void {
  let [a, b, c, d, e] = state as unknown as [number, number, number, number, number];
  for (let round = 0; round < 80; round++) {
    if (round >= 16) {
      const word = words[round - 3]! ^ words[round - 8]! ^ words[round - 14]! ^ words[round - 16]!;
      words[round] = (word << 1) | (word >>> 31);
    }
    let mixed: number;
    if (round < 20) mixed = ((b & c) | (~b & d)) + 0x5a827999;
    else if (round < 40) mixed = (b ^ c ^ d) + 0x6ed9eba1;
    else if (round < 60) mixed = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
    else mixed = (b ^ c ^ d) + 0xca62c1d6;
    const next = (((a << 5) | (a >>> 27)) + mixed + e + words[round]!) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
}
