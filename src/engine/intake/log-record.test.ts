import { expect, it } from 'vitest';
import type { NewDelivery } from './delivery.ts';
import { decodeRecord, encodeHead } from './log-record.ts';

const MARKER = Buffer.from('8 bytes!');
const DELIVERY: NewDelivery = {
  source: 'gitlab',
  dedupeKey: 'ключ "1"',
  event: 'Push Hook',
  chain: null,
  origin: 'pushed',
  receivedAt: 1_764_000_000_000,
  body: Buffer.from('{"größe": 1}'),
};
const record = Buffer.concat([encodeHead(DELIVERY, MARKER), DELIVERY.body]);

it('gives a delivery back as it was, and says how long its record is', () => {
  const decoded = decodeRecord(Buffer.concat([record, record]), MARKER);
  expect(decoded).toEqual({ state: 'whole', delivery: DELIVERY, length: record.length });
});

it('takes no record that is cut off for a whole one, wherever the cut is', () => {
  const bodyAt = record.length - DELIVERY.body.byteLength;
  for (let length = 0; length < record.length; length++) {
    const expected = { state: 'cut', length: length < bodyAt ? null : record.length };
    expect(decodeRecord(record.subarray(0, length), MARKER)).toEqual(expected);
  }
});

it('takes no record in which one bit is wrong for a whole one, wherever it is', () => {
  for (let bit = 0; bit < record.length * 8; bit++) {
    const wrong = Buffer.from(record);
    wrong[bit >> 3]! ^= 1 << (bit & 7);
    expect(decodeRecord(Buffer.concat([wrong, record]), MARKER).state).not.toBe('whole');
  }
});

it('takes no record with the marker of another segment', () => {
  expect(decodeRecord(record, Buffer.from('8 others')).state).toBe('damaged');
});
