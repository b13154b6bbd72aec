/** One packet of git's wire protocol: four hex digits of length (themselves included), then the payload. */
export function pktLine(payload: string | Buffer): Buffer {
  const bytes = Buffer.from(payload as string);
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
}

export const FLUSH_PKT: Buffer = Buffer.from('0000');

/** The packets at the front of a buffer up to the first flush; null while that has not arrived. RangeError if it is no such thing. */
export function readUntilFlush(buffer: Buffer): { packets: Buffer[]; end: number } | null {
  const packets: Buffer[] = [];
  let at = 0;
  while (at + 4 <= buffer.length) {
    const digits = buffer.toString('latin1', at, at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new RangeError('protocol error: bad line length character');
    const length = Number.parseInt(digits, 16);
    if (length === 0) return { packets, end: at + 4 };
    if (length < 4) throw new RangeError('protocol error: bad line length');
    if (at + length > buffer.length) return null;
    packets.push(buffer.subarray(at + 4, at + length));
    at += length;
  }
  return null;
}

/** Splits text or a report over side-band packets (band 1 data, band 2 messages). */
export function sideBand(band: 1 | 2, payload: Buffer): Buffer {
  const packets: Buffer[] = [];
  for (let at = 0; at < payload.length; at += 65_515) {
    packets.push(pktLine(Buffer.concat([Buffer.from([band]), payload.subarray(at, at + 65_515)])));
  }
  return Buffer.concat(packets);
}
