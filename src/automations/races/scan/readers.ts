import { close, createReadStream, open, read } from 'node:fs';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { FileKind } from './file-kind.ts';
import type { ByteReader } from './window.ts';

const openFile = promisify(open);
const closeFile = promisify(close);

/** Bytes inflated at once: below 256 KiB the steps cost more than the work, above it the caches are missed. */
const INFLATED_CHUNK = 256 * 1024;

async function plainReader(path: string, from: number): Promise<ByteReader> {
  const descriptor = await openFile(path, 'r');
  let offset = from;
  return {
    read: (target, at, length) =>
      new Promise((resolve, reject) => {
        read(descriptor, target, at, length, offset, (error, count) => {
          offset += count;
          if (error === null) resolve(count);
          else reject(error);
        });
      }),
    close: () => closeFile(descriptor),
  };
}

/** Reads what a stream gives; `from` bytes of it are passed over. */
export function streamReader(stream: Readable, from = 0, end: () => void = () => stream.destroy()): ByteReader {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let rest: Buffer = Buffer.alloc(0);
  let skip = from;
  let ended = false;

  async function next(): Promise<void> {
    const step = await chunks.next();
    ended = step.done === true;
    rest = step.done === true ? rest : step.value;
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
    close: () => {
      end();
      return Promise.resolve();
    },
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
export async function openReader(path: string, kind: FileKind, from: number): Promise<ByteReader> {
  if (kind === 'plain') return plainReader(path, from);
  const file = createReadStream(path, { highWaterMark: 128 * 1024 });
  const destroy = (): void => {
    file.destroy();
  };
  if (kind === 'utf-16le' || kind === 'utf-16be') {
    return streamReader(Readable.from(asUtf8(file, kind), { objectMode: true, highWaterMark: 1 }), from, destroy);
  }
  const unpack =
    kind === 'gzip' ? createGunzip({ chunkSize: INFLATED_CHUNK }) : createZstdDecompress({ chunkSize: INFLATED_CHUNK });
  file.on('error', error => unpack.destroy(error));
  const text = Readable.from(asFarAsPossible(file.pipe(unpack)), { objectMode: true, highWaterMark: 1 });
  return streamReader(text, from, () => {
    destroy();
    unpack.destroy();
  });
}
