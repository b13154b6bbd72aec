import { malformed } from './pkt-line.ts';

/**
 * The object that a delta makes of its base: sizes of both, then copies out of the base and insertions, gitformat-pack(5).
 *
 * @throws SignalboxError SBX_REMOTE_UNEXPECTED when the delta does not fit its base
 */
export function applyDelta(base: Buffer, delta: Buffer, maxBytes: number): Buffer {
  let at = 0;
  const size = (): number => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = delta[at++];
      if (byte === undefined) throw malformed('a delta is cut off');
      value += (byte & 0x7f) * scale;
      if (!(byte & 0x80)) return value;
      scale *= 128;
    }
  };
  if (size() !== base.length) throw malformed('a delta is for another base');
  const resultSize = size();
  // A size without an end is no number any more.
  if (!(resultSize <= maxBytes)) throw malformed(`a delta makes an object of more than ${maxBytes} bytes`);
  const result = Buffer.allocUnsafe(resultSize);
  let written = 0;
  while (at < delta.length) {
    const code = delta[at++]!;
    if (code === 0) throw malformed('a delta has a reserved instruction');
    if (code < 0x80) {
      if (at + code > delta.length || written + code > resultSize) throw malformed('a delta inserts too much');
      delta.copy(result, written, at, at + code);
      at += code;
      written += code;
      continue;
    }
    let offset = 0;
    let length = 0;
    for (let i = 0; i < 4; i++) if (code & (1 << i)) offset += (delta[at++] ?? 0) * 256 ** i;
    for (let i = 0; i < 3; i++) if (code & (16 << i)) length += (delta[at++] ?? 0) * 256 ** i;
    if (length === 0) length = 0x10000;
    if (offset + length > base.length || written + length > resultSize) throw malformed('a delta copies too much');
    base.copy(result, written, offset, offset + length);
    written += length;
  }
  if (written !== resultSize || at > delta.length) throw malformed('a delta makes less than it says');
  return result;
}
