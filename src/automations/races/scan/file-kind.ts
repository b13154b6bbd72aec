/** How the bytes of a file have to be read. */
export type FileKind = 'plain' | 'gzip' | 'zstd' | 'utf-16le' | 'utf-16be';

/** Share of zero bytes at the even and the odd places. */
function zeroShares(head: Buffer): [number, number] {
  let even = 0;
  let odd = 0;
  for (let index = 0; index + 1 < head.length; index += 2) {
    if (head[index] === 0) even++;
    if (head[index + 1] === 0) odd++;
  }
  const pairs = Math.max(1, Math.floor(head.length / 2));
  return [even / pairs, odd / pairs];
}

/**
 * Tells from a file's first bytes how it is packed or encoded. UTF-16 is recognised by its zeros and not by its mark:
 * bytes that look like a mark begin many a binary log, and the hole a truncated file leaves is zeros at all places.
 */
export function fileKind(head: Buffer): FileKind {
  if (head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head.length >= 4 && head.readUInt32LE() === 0xfd2fb528) return 'zstd';
  const [even, odd] = zeroShares(head);
  if (odd > 0.4 && even < 0.1) return 'utf-16le';
  if (even > 0.4 && odd < 0.1) return 'utf-16be';
  return 'plain';
}
