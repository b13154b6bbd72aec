import { SignalboxError } from '../errors.ts';
import { eachChunk } from './each-chunk.ts';

/** gitprotocol-common(5): four hexadecimal digits of length, themselves included; 0, 1 and 2 are marks without content. */
export type PacketKind = 'data' | 'flush' | 'delimiter' | 'response-end';

export const FLUSH = '0000';
export const DELIMITER = '0001';

/** A data packet with this text. */
export function packet(text: string): string {
  const length = Buffer.byteLength(text) + 4;
  return length.toString(16).padStart(4, '0') + text;
}

/** Takes one packet: its content is `bytes` from `start` to `end`, valid only during the call. */
export type TakePacket = (kind: PacketKind, bytes: Buffer, start: number, end: number) => void;

/**
 * Takes as many whole packets as it likes by itself, from where one begins at `at`; returns where it stopped. What it leaves
 * comes as packets. For who can tell faster than by packets that many of them are alike.
 */
export type TakeRun = (bytes: Buffer, at: number) => number;

/**
 * Cuts a body into packets. Works on whole chunks and calls back synchronously, because a list of 50,000 references
 * is 50,000 packets and a promise for each would cost more than everything else.
 *
 * @throws SignalboxError SBX_REMOTE_UNEXPECTED when the body is not packets or ends inside one
 */
export async function readPackets(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  take: TakePacket,
  takeRun?: TakeRun,
): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  let total = 0;
  await eachChunk(body, chunk => {
    total += chunk.length;
    if (total > maxBytes) {
      throw new SignalboxError('SBX_GIT_ANSWER_TOO_LARGE', `git: an answer is larger than ${maxBytes} bytes`);
    }
    let bytes: Buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    // Only the packet that was cut in two is put together; copying whole chunks would double the memory of a long list.
    while (rest.length > 0 && bytes.length > 0) {
      const missing = (rest.length < 4 ? 4 : Math.max(4, lengthAt(rest, 0))) - rest.length;
      rest = Buffer.concat([rest, bytes.subarray(0, missing)]);
      bytes = bytes.subarray(missing);
      rest = rest.subarray(takeWholePackets(rest, take, takeRun));
    }
    if (bytes.length > 0) rest = bytes.subarray(takeWholePackets(bytes, take, takeRun));
  });
  if (rest.length > 0) throw malformed('the answer ends inside a packet');
}

function takeWholePackets(bytes: Buffer, take: TakePacket, takeRun?: TakeRun): number {
  let at = 0;
  while (at + 4 <= bytes.length) {
    if (takeRun) {
      at = takeRun(bytes, at);
      if (at + 4 > bytes.length) break;
    }
    const length = lengthAt(bytes, at);
    if (length < 4) {
      take(length === 0 ? 'flush' : length === 1 ? 'delimiter' : 'response-end', bytes, at + 4, at + 4);
      at += 4;
      continue;
    }
    if (at + length > bytes.length) break;
    take('data', bytes, at + 4, at + length);
    at += length;
  }
  return at;
}

function lengthAt(bytes: Buffer, at: number): number {
  let length = 0;
  for (let i = at; i < at + 4; i++) length = length * 16 + HEX[bytes[i]!]!;
  // 3 is reserved, and a packet holds 65,516 bytes at most.
  if (length === 3 || length > 65_520) throw malformed('the answer is not made of packets');
  return length;
}

/** The value of a hexadecimal digit; for any other byte one that makes every length too large. */
export const HEX = new Uint32Array(256).fill(1_000_000);
for (let digit = 0; digit < 16; digit++) {
  HEX[digit.toString(16).charCodeAt(0)] = digit;
  HEX[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

/** The error for an answer that breaks the protocol. */
export function malformed(text: string): SignalboxError {
  return new SignalboxError('SBX_REMOTE_UNEXPECTED', `git: ${text}`);
}
