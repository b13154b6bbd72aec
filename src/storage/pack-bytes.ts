import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** The first bytes of every zstd frame; no JSON text begins with them. */
const ZSTD_MAGIC = 0xfd2fb528;
/** Below this, packing costs more than the disk it saves. */
const WORTH_PACKING = 1024;
const FASTEST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Webhook bodies shrink to about a seventh. Stands alone, because SQLite's thread loads all that it imports. */
export function packBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength < WORTH_PACKING ? bytes : zstdCompressSync(bytes, FASTEST);
}

/** Reads what `packBytes` wrote, packed or not. */
export function unpackBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength < 4) return bytes;
  const magic = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  return magic === ZSTD_MAGIC ? zstdDecompressSync(bytes) : bytes;
}
