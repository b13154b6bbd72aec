/** Which tool wrote a report. */
export type Detector = 'go' | 'tsan' | 'kcsan';

/**
 * How far a report can be trusted:
 * `complete`: everything its grammar promises is there and nothing foreign in between;
 * `torn`: foreign text was written into it, or pieces are missing in its middle;
 * `truncated`: its beginning or end is missing;
 * `mixed`: parts of several reports came together, so that its two sides may not belong to each other.
 */
export type Confidence = 'complete' | 'torn' | 'truncated' | 'mixed';

export interface Frame {
  /** As printed, without the closing `()`; `??` where only its place is known. */
  func: string;
  file: string | null;
  line: number | null;
}

export interface Access {
  /** `read`, `write`, `atomic write`, `read-write (marked)`… in lower case. */
  kind: string;
  previous: boolean;
  /** As printed; null in the form before Go 1.5. */
  address: string | null;
  /** `goroutine 7`, `main goroutine`, `thread T1`, `task 450 on cpu 4`; null when torn off. */
  actor: string | null;
  stack: Frame[];
  /** The runtime could not restore this stack and says so. */
  lost: boolean;
  /** Somebody shortened this stack (`...`) before we saw it. */
  elided: boolean;
}

/** Where a goroutine or thread was started. */
export interface Creation {
  actor: string;
  state: string | null;
  stack: Frame[];
}

export interface RaceReport {
  detector: Detector;
  /** `data race`, `race on vptr`, `heap-use-after-free`, `assert: race`… */
  type: string;
  /** What the report's own first line names as the two sides, where the detector does that (KCSAN). */
  named: string[];
  accesses: Access[];
  creations: Creation[];
  /** What lies at the address: a heap block, a global, a stack; null when not said. */
  location: string | null;
  confidence: Confidence;
  /** Offsets in the stream of its first and after its last line. */
  start: number;
  end: number;
  /** Frames that were left out because a stack was longer than MAX_FRAMES. */
  droppedFrames: number;
  /** When its first line was logged, in milliseconds since 1970; null when the log does not say. */
  time: number | null;
}

/** A line of one stream (one process of one host) after decoding. */
export interface LogLine {
  text: string;
  /** Offset in the file's stream of bytes of the line it came from, and of the next one. */
  offset: number;
  next: number;
  time: number | null;
}

/** Frames kept of one stack; logs of appliances are not to be trusted with our memory. */
export const MAX_FRAMES = 1000;
/** Lines between a marker and the first access that belongs to it. */
export const MAX_LINES_TO_ACCESS = 50;
/** Foreign lines in a row after which a report is taken as ended. */
export const MAX_FOREIGN_RUN = 60;

/** Reads the reports of one detector out of the lines of one stream. */
export interface Assembler {
  /** Takes the next line and returns the reports that it completed, mostly none. */
  feed(line: LogLine): RaceReport[];
  /** The stream is over: whatever is open is returned as it is. */
  finish(): RaceReport[];
  /** A report is not finished. */
  isOpen(): boolean;
  /** Offset of the first line of the oldest report that is not finished; null when nothing is open. */
  openSince(): number | null;
  /** Marker lines that were followed by no report; prose is not counted. */
  unparsed(): number;
}
