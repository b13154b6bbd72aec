import type { Source } from '../sighting.ts';
import type { Chain, Located } from './chain.ts';
import type { Carry, LogState } from './state-schema.ts';

/** Feeds the bytes of an unfinished report to a new chain; returns what they complete, which was given out before. */
export function feedCarry(chain: Chain, carry: Carry): Located[] {
  const found: Located[] = [];
  for (const { file, generation, writtenAt, offset, bytes } of carry.parts) {
    const source: Source = { file, family: carry.family, generation, writtenAt };
    chain.begin(source, offset);
    const text = Buffer.from(bytes, 'base64');
    let at = 0;
    for (let next = text.indexOf(10, at); next >= 0; next = text.indexOf(10, at)) {
      found.push(...chain.feed(text.subarray(at, next + 1), offset + at));
      at = next + 1;
    }
    chain.leave(text.subarray(at), offset + at);
  }
  return found;
}

/** What is unfinished in a chain, for the state; null when nothing is, or when it is too long. */
export function carryOf(chain: Chain, entry: LogState, given: readonly string[]): Carry | null {
  const parts = chain.open();
  if (parts === null || parts.length === 0) return null;
  return {
    family: entry.family,
    generation: entry.generation,
    given: [...given],
    parts: parts.map(({ source, offset, bytes }) => ({
      file: source.file,
      generation: source.generation,
      writtenAt: source.writtenAt,
      offset,
      bytes: bytes.toString('base64'),
    })),
  };
}
