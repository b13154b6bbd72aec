import type { Source } from '../sighting.ts';
import type { Chain, Located } from './chain.ts';
import { type Piece, pieceOf, TAIL } from './file-identity.ts';
import type { Scout } from './scout.ts';
import { type ByteReader, LONGEST_LINE, LOOK_BACK, type Window } from './window.ts';

/** What happens while a file is read. */
export type ScanEvent =
  | { type: 'found'; located: Located }
  /** Everything before `offset` is done with, and a later run may begin there; `tail` stands before it. */
  | { type: 'position'; offset: number; tail: Piece; ended: boolean };

/** Lines before an anchor that are read with it: they hold the time, the prefix, the other fields of an entry. */
const CONTEXT = 1024;
const POSITION_EVERY = 64 * 1024 * 1024;
const LINE_BREAK = 10;

/** Reads one file from `from` on: skips through it in blocks, and line by line only where reports are. */
export async function* scanStream(
  ...[window, reader, chain, source, from, scout]: [Window, ByteReader, Chain, Source, number, Scout | null]
): AsyncGenerator<ScanEvent> {
  window.open(reader, from);
  chain.begin(source, from);
  const { bytes } = window;
  /** Before this, everything is done with; it is the start of a line, unless `aligned` says otherwise. */
  let floor = window.start;
  let aligned = true;
  let search = floor;
  /** Lines are read one by one up to here even when nothing is open. */
  let until = chain.active() ? floor : -1;
  let reported = from;

  /** Where to start reading lines for an anchor: a few lines before it, but never twice over the same. */
  function lineStart(hit: number): number {
    const context = Math.max(floor, hit - CONTEXT);
    if (context === floor && aligned) return floor;
    const next = bytes.indexOf(LINE_BREAK, context);
    if (next >= 0 && next < hit) return next + 1;
    const before = bytes.lastIndexOf(LINE_BREAK, context);
    return before >= Math.max(floor, hit - LOOK_BACK) ? before + 1 : context;
  }

  async function more(keep: number): Promise<void> {
    const shift = await window.more(keep);
    if (floor < keep) aligned = false;
    floor = Math.max(floor - shift, window.start);
    search = Math.max(search - shift, floor);
    if (until >= 0) until = Math.max(until - shift, 0);
  }

  /** Goes on right before the next anchor that the scout knows of, if that is beyond what has been read. */
  async function skip(ahead: Scout): Promise<boolean> {
    const next = (await ahead.next(window.base + search)) - LOOK_BACK;
    if (next <= window.base + window.end || !window.jump(next)) return false;
    floor = window.start;
    aligned = false;
    search = floor;
    return true;
  }

  /** The start of the last line before `position`, if it can be seen. */
  function safePosition(position: number): number {
    const before = position <= floor ? -1 : bytes.lastIndexOf(LINE_BREAK, position - 1);
    if (before >= floor) return before + 1;
    return aligned ? floor : position;
  }

  function positionAt(position: number, ended: boolean): ScanEvent {
    const tail = pieceOf(bytes.subarray(Math.max(window.start, position - TAIL), position));
    reported = window.base + position;
    return { type: 'position', offset: reported, tail, ended };
  }

  try {
    for (;;) {
      if (until >= floor || chain.active()) {
        const found = bytes.indexOf(LINE_BREAK, floor);
        let next = found >= 0 && found < window.end ? found + 1 : -1;
        if (next < 0 && window.end - floor >= LONGEST_LINE) next = floor + LONGEST_LINE;
        if (next < 0) {
          if (window.ended) break;
          await more(Math.max(window.start, floor - TAIL));
          continue;
        }
        for (const located of chain.feed(bytes.subarray(floor, next), window.base + floor))
          yield { type: 'found', located };
        floor = next;
        aligned = bytes[next - 1] === LINE_BREAK;
        search = next;
        if (until < floor) until = -1;
        continue;
      }
      const hit = window.find(search);
      if (hit >= 0) {
        floor = lineStart(hit);
        aligned = true;
        until = hit;
        continue;
      }
      search = window.searched(search);
      if (window.ended) break;
      if (window.base + search - reported >= POSITION_EVERY) yield positionAt(safePosition(search), false);
      if (scout !== null && (await skip(scout))) continue;
      await more(Math.max(window.start, Math.min(search, Math.max(floor - TAIL, window.end - LOOK_BACK))));
    }
    if (chain.active() || until >= floor) {
      chain.leave(Buffer.from(bytes.subarray(floor, window.end)), window.base + floor);
      yield positionAt(window.end, true);
    } else {
      // The last line may be half an anchor.
      yield positionAt(safePosition(window.end), true);
    }
  } finally {
    window.close();
  }
}
