import type { Source } from '../sighting.ts';
import { createPipeline, type Found } from './pipeline.ts';

/** A report with the file it began in; its offsets are that file's. */
export interface Located {
  found: Found;
  source: Source;
}

/** Bytes of a file that belong to something unfinished. */
export interface OpenPart {
  source: Source;
  offset: number;
  bytes: Buffer;
}

/** More than this is not carried to another run; the report is then given out as far as it came. */
const LONGEST_TAPE = 512 * 1024;

interface Segment {
  source: Source;
  offset: number;
  /** Where this segment begins if all files of the chain are counted through. */
  through: number;
}

/**
 * The lines of a log through all the files that it was rotated into. A report, and a line, may begin in one and end in
 * the next; everything between the first open line and now is kept, so that another run can take it up.
 */
export interface Chain {
  /** Goes on with a file at an offset. */
  begin(source: Source, offset: number): void;
  /** Takes the bytes of a line (with its line break) at `offset` of the current file. */
  feed(bytes: Buffer, offset: number): Located[];
  /** The current file ends within a line: its beginning waits for the next file. */
  leave(bytes: Buffer, offset: number): void;
  /** Something is unfinished; no line may be skipped. */
  active(): boolean;
  /** Nothing follows: everything unfinished is given out as it is. */
  flush(): Located[];
  /** What is unfinished, to be fed again later; null when it is too long for that. */
  open(): OpenPart[] | null;
  unparsed(): number;
}

/** A chain whose log lines without a year are of `year`. */
export function createChain(year: number): Chain {
  const pipeline = createPipeline(year);
  const segments: Segment[] = [];
  let tape: { through: number; bytes: Buffer }[] = [];
  let taped = 0;
  let tooLong = false;
  let rest: { bytes: Buffer; through: number } | null = null;
  let end = 0;

  function current(): Segment {
    const segment = segments.at(-1);
    if (segment === undefined) throw new Error('a chain has to begin with a file');
    return segment;
  }

  function segmentAt(through: number): Segment {
    return segments.findLast(segment => segment.through <= through) ?? current();
  }

  function located(found: Found): Located {
    const segment = segmentAt(found.report.start);
    const shift = segment.offset - segment.through;
    const { start, end: stop } = found.report;
    return {
      found: { ...found, report: { ...found.report, start: start + shift, end: stop + shift } },
      source: segment.source,
    };
  }

  function record(bytes: Buffer, through: number): void {
    if (pipeline.idle()) {
      tape = [];
      taped = 0;
      tooLong = false;
      return;
    }
    if (tooLong) return;
    tape.push({ through, bytes: Buffer.from(bytes) });
    taped += bytes.length;
    if (taped <= LONGEST_TAPE) return;
    tooLong = true;
    tape = [];
  }

  function feedAt(bytes: Buffer, through: number): Located[] {
    end = through + bytes.length;
    const last = bytes.at(-1) === 10 ? bytes.length - 1 : bytes.length;
    const found = pipeline.feed(bytes.toString('utf8', 0, last), through, end);
    record(bytes, through);
    return found.map(located);
  }

  function withRest(bytes: Buffer, through: number): Located[] {
    if (rest === null) return feedAt(bytes, through);
    const whole = Buffer.concat([rest.bytes, bytes]);
    const start = rest.through;
    rest = null;
    const found = feedAt(whole, start);
    end = through + bytes.length;
    return found;
  }

  return {
    begin(source, offset) {
      segments.push({ source, offset, through: end });
    },
    feed(bytes, offset) {
      const segment = current();
      return withRest(bytes, offset - segment.offset + segment.through);
    },
    leave(bytes, offset) {
      if (bytes.length === 0) return;
      const segment = current();
      const through = offset - segment.offset + segment.through;
      rest = { bytes: Buffer.concat([rest?.bytes ?? Buffer.alloc(0), bytes]), through: rest?.through ?? through };
      end = through + bytes.length;
    },
    active: () => rest !== null || !pipeline.idle(),
    flush() {
      const found = rest === null ? [] : feedAt(rest.bytes, rest.through);
      rest = null;
      return [...found, ...pipeline.flush().map(located)];
    },
    open() {
      if (tooLong) return null;
      // Finished reports among them stay: without its beginning, the rest of one would look like another.
      const lines = [...tape, ...(rest === null ? [] : [rest])];
      const parts: OpenPart[] = [];
      for (const line of lines) {
        const segment = segmentAt(line.through);
        const previous = parts.at(-1);
        if (previous?.source === segment.source) previous.bytes = Buffer.concat([previous.bytes, line.bytes]);
        else {
          const offset = line.through - segment.through + segment.offset;
          parts.push({ source: segment.source, offset, bytes: Buffer.from(line.bytes) });
        }
      }
      return parts;
    },
    unparsed: () => pipeline.unparsed(),
  };
}
