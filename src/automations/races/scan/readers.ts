import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { FileKind } from './file-kind.ts';
import type { ByteReader } from './window.ts';

/** Bytes inflated at once: below 256 KiB the steps cost more than the work, above it the caches are missed. */
const INFLATED_CHUNK = 128 * 1024;

function plainReader(path: string, from: number): ByteReader {
  const descriptor = openSync(path, 'r');
  let offset = from;
  return {
    read(target, at, length) {
      const count = readSync(descriptor, target, at, length, offset);
      offset += count;
      return count;
    },
    seek(to) {
      offset = to;
    },
    close: () => closeSync(descriptor),
  };
}

/**
 * Gives a chunk's memory back at once. Otherwise 64 MB of chunks gather before the engine collects them, because it
 * sees only their small handles. One that does not reach the end of its memory shares it with the chunk that follows.
 */
function release(chunk: Buffer): void {
  const { buffer, byteOffset, byteLength } = chunk;
  const whole = buffer instanceof ArrayBuffer && byteOffset + byteLength === buffer.byteLength;
  if (whole && buffer.byteLength === INFLATED_CHUNK) buffer.transfer(0);
}

/** Reads what comes in chunks; `from` bytes of it are passed over, and `end` lets go of where it comes from. */
export function chunkReader(source: AsyncIterable<Buffer>, from: number, end: () => void): ByteReader {
  const chunks = source[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  let skip = from;
  let ended = false;

  async function next(): Promise<void> {
    release(rest);
    const step = await chunks.next();
    ended = step.done === true;
    rest = step.done === true ? Buffer.alloc(0) : step.value;
    const skipped = Math.min(skip, rest.length);
    skip -= skipped;
    rest = rest.subarray(skipped);
  }

  return {
    async read(target, at, length) {
      let count = 0;
      // A window's block is filled up, because the search is paid per block.
      while (count < length) {
        while (rest.length === 0 && !ended) await next();
        if (rest.length === 0) break;
        const copied = rest.copy(target, at + count, 0, Math.min(rest.length, length - count));
        rest = rest.subarray(copied);
        count += copied;
      }
      return count;
    },
    seek: null,
    close: end,
  };
}

/** UTF-16 as UTF-8; offsets then count bytes of the UTF-8 text. */
async function* asUtf8(chunks: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

/** A damaged or half-written archive gives what can be read of it. */
async function* asFarAsPossible(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* chunks;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!/^(?:Z_|ZSTD_|ERR_)/.test(code)) throw error;
  }
}

/** Opens a file at an offset of its text, that is, of what comes out after unpacking and decoding. */
export function openReader(path: string, kind: FileKind, from: number): ByteReader {
  if (kind === 'plain') return plainReader(path, from);
  const file = createReadStream(path, { highWaterMark: 128 * 1024 });
  const destroy = (): void => {
    file.destroy();
  };
  if (kind === 'utf-16le' || kind === 'utf-16be') {
    return chunkReader(asUtf8(file, kind), from, destroy);
  }
  const unpack =
    kind === 'gzip' ? createGunzip({ chunkSize: INFLATED_CHUNK }) : createZstdDecompress({ chunkSize: INFLATED_CHUNK });
  file.on('error', error => unpack.destroy(error));
  return chunkReader(asFarAsPossible(file.pipe(unpack)), from, () => {
    destroy();
    unpack.destroy();
  });
}
