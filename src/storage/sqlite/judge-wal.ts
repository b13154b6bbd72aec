/** What SQLite would do with the bytes of a write-ahead log: take all that is there, or leave out what was committed. */
export type WalVerdict = { damaged: false } | { damaged: true; because: string };

const HEADER = 32;
const FRAME_HEADER = 24;
const MAGIC = 0x377f0682;

/**
 * SQLite reads its write-ahead log up to the first frame that is not as it was written, and goes on without the rest: right after
 * a power cut, where that is a transaction that nobody was told of; silent loss where the disk has damaged what was
 * committed. The two differ: SQLite begins a transaction only after the one before it is on disk. So a log whose header is
 * no header, and a bad frame with a committed transaction and the beginning of another behind it, are damage.
 *
 * https://www.sqlite.org/fileformat2.html#walformat
 */
export function judgeWal(bytes: Buffer): WalVerdict {
  // The header is on disk before the first frame is written.
  if (bytes.length <= HEADER) return { damaged: false };
  const header = readHeader(bytes);
  if (!header) return { damaged: true, because: 'its header is not one' };
  const { frameBytes, salts } = header;
  const frames = Math.floor((bytes.length - HEADER) / frameBytes);
  const frameAt = (n: number) => bytes.subarray(HEADER + n * frameBytes, HEADER + (n + 1) * frameBytes);
  const isWhole = (n: number) => {
    const seed = n === 0 ? header.sum : sumOf(frameAt(n - 1));
    return frameAt(n).subarray(8, 16).equals(salts) && header.isSum(frameAt(n), seed);
  };
  let bad = 0;
  while (bad < frames && isWhole(bad)) bad++;
  for (let n = bad + 1; n + 1 < frames; n++) {
    const isCommit = frameAt(n).readUInt32BE(4) !== 0;
    // Of several that failed one after another a rest may be left that looks like it, but for the sum that joins one to the next.
    if (isCommit && isWhole(n) && isWhole(n + 1)) {
      return { damaged: true, because: `frame ${bad + 1} of ${frames} is damaged, and what follows was committed` };
    }
  }
  return { damaged: false };
}

type Sum = readonly [number, number];

function readHeader(bytes: Buffer) {
  const magic = bytes.readUInt32BE(0);
  const pageBytes = bytes.readUInt32BE(8);
  if ((magic & ~1) >>> 0 !== MAGIC || pageBytes < 512 || pageBytes > 65_536) return null;
  const isBigEndian = (magic & 1) === 1;
  const sum: Sum = [bytes.readUInt32BE(24), bytes.readUInt32BE(28)];
  if (!same(add([0, 0], bytes.subarray(0, 24), isBigEndian), sum)) return null;
  return {
    frameBytes: FRAME_HEADER + pageBytes,
    salts: bytes.subarray(16, 24),
    sum,
    isSum: (frame: Buffer, seed: Sum) => {
      const begun = add(seed, frame.subarray(0, 8), isBigEndian);
      return same(add(begun, frame.subarray(FRAME_HEADER), isBigEndian), sumOf(frame));
    },
  };
}

function sumOf(frame: Buffer): Sum {
  return [frame.readUInt32BE(16), frame.readUInt32BE(20)];
}

function same(a: Sum, b: Sum): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

/** SQLite's checksum, continued over further bytes. */
function add([first, second]: Sum, bytes: Buffer, isBigEndian: boolean): Sum {
  let a = first;
  let b = second;
  for (let at = 0; at < bytes.length; at += 8) {
    a = (a + (isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + b) >>> 0;
    b = (b + (isBigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + a) >>> 0;
  }
  return [a, b];
}
