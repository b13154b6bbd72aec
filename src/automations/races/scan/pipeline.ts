import { lineDecoder } from '../decode/line-decoder.ts';
import type { Origin } from '../decode/piece.ts';
import { allAssemblers } from '../parse/assemblers.ts';
import type { Assembler, RaceReport } from '../parse/report.ts';

/** A report and the process that wrote it. */
export interface Found {
  report: RaceReport;
  origin: Origin;
}

interface Stream {
  assembler: Assembler;
  origin: Origin;
  /** Lines of any stream since this one has been open: a report whose process fell silent must not wait for ever. */
  waited: number;
}

const MOST_STREAMS = 64;
const LONGEST_WAIT = 5000;

/** Lines in, reports out: decodes, tells the streams of a file apart and reads the reports of each. */
export interface Pipeline {
  /** Takes the line at [offset, next) of the stream of bytes. */
  feed(line: string, offset: number, next: number): Found[];
  /** Nothing more will come: everything open is returned as it is. */
  flush(): Found[];
  /** Nothing is open; lines may be skipped. */
  idle(): boolean;
  /** Offset of the first line of what is open, or null. */
  openSince(): number | null;
  unparsed(): number;
}

/** A pipeline for one file, or for a chain of rotated files that continue each other. */
export function createPipeline(year: number): Pipeline {
  const decoder = lineDecoder(year);
  const streams = new Map<string, Stream>();
  let unparsed = 0;
  let lastTime: number | null = null;
  let pendingSince: number | null = null;
  let position = 0;

  function streamOf(origin: Origin): Stream {
    const key = `${origin.host ?? ''}\0${origin.unit ?? ''}\0${origin.pid ?? ''}\0${origin.container ?? ''}`;
    const known = streams.get(key);
    if (known !== undefined) return known;
    const stream: Stream = { assembler: allAssemblers(), origin, waited: 0 };
    streams.set(key, stream);
    return stream;
  }

  function drop(key: string, stream: Stream): Found[] {
    const found = stream.assembler.finish().map(report => ({ report, origin: stream.origin }));
    unparsed += stream.assembler.unparsed();
    streams.delete(key);
    return found;
  }

  /** Ends streams that wait for too long; when there are too many, first those that hold nothing, then the oldest. */
  function tidy(): Found[] {
    // Most logs are of one process, which the line just fed was from.
    if (streams.size <= 1) return [];
    const found: Found[] = [];
    for (const [key, stream] of streams) {
      const isOpen = stream.assembler.isOpen();
      stream.waited = isOpen ? stream.waited + 1 : 0;
      if (stream.waited > LONGEST_WAIT || (!isOpen && streams.size > MOST_STREAMS)) found.push(...drop(key, stream));
    }
    for (const [key, stream] of streams) {
      if (streams.size <= MOST_STREAMS) break;
      found.push(...drop(key, stream));
    }
    return found;
  }

  function take(lines: ReturnType<typeof decoder.decode>, offset: number, next: number): Found[] {
    const found: Found[] = [];
    for (const { text, origin, time } of lines) {
      lastTime = time ?? lastTime;
      const stream = streamOf(origin);
      for (const report of stream.assembler.feed({ text, offset, next, time: lastTime })) {
        found.push({ report, origin: stream.origin });
      }
      stream.waited = 0;
    }
    return found;
  }

  function isOpen(): boolean {
    for (const { assembler } of streams.values()) if (assembler.isOpen()) return true;
    return false;
  }

  return {
    feed(line, offset, next) {
      position = next;
      const found = take(decoder.decode(line), pendingSince ?? offset, next);
      pendingSince = decoder.pending() ? (pendingSince ?? offset) : null;
      return [...found, ...tidy()];
    },
    flush() {
      const found = take(decoder.flush(), pendingSince ?? position, position);
      pendingSince = null;
      for (const [key, stream] of streams) found.push(...drop(key, stream));
      return found;
    },
    idle: () => !decoder.pending() && !isOpen(),
    openSince() {
      const since = [...streams.values()]
        .map(({ assembler }) => assembler.openSince())
        .filter(offset => offset !== null);
      if (pendingSince !== null) since.push(pendingSince);
      return since.length === 0 ? null : Math.min(...since);
    },
    unparsed: () => unparsed + [...streams.values()].reduce((sum, { assembler }) => sum + assembler.unparsed(), 0),
  };
}
