import {
  type Access,
  type Confidence,
  type Creation,
  type Detector,
  type Frame,
  type LogLine,
  MAX_FRAMES,
  type RaceReport,
} from './report.ts';

/** A report while it is being read. */
export interface Draft {
  detector: Detector;
  type: string;
  named: string[];
  accesses: Access[];
  creations: Creation[];
  location: string | null;
  /** Its marker line was seen; without it two accesses are needed to believe in a report. */
  marked: boolean;
  /** The marker stood alone on its line: not prose that mentions it. */
  exact: boolean;
  torn: boolean;
  mixed: boolean;
  /** Its closing delimiter or a later report has been seen. */
  closed: boolean;
  /** Foreign lines since the last line that belongs to it: they only tear it if more of it follows. */
  foreignRun: number;
  /** Lines since it began and before its first access. */
  waiting: number;
  droppedFrames: number;
  start: number;
  end: number;
  time: number | null;
}

/** A draft that begins with `line`. */
export function newDraft(detector: Detector, type: string, line: LogLine, marked: boolean, exact: boolean): Draft {
  return {
    detector,
    type,
    named: [],
    accesses: [],
    creations: [],
    location: null,
    marked,
    exact,
    torn: false,
    mixed: false,
    closed: false,
    foreignRun: 0,
    waiting: 0,
    droppedFrames: 0,
    start: line.offset,
    end: line.next,
    time: line.time,
  };
}

/** `line` belongs to the draft. */
export function belongs(draft: Draft, line: LogLine): void {
  if (draft.foreignRun > 0 && draft.accesses.length > 0) draft.torn = true;
  draft.foreignRun = 0;
  draft.end = line.next;
  draft.time ??= line.time;
}

/** Adds a frame, or counts it when the stack is already as long as we keep. */
export function pushFrame(draft: Draft, stack: Frame[], frame: Frame): void {
  if (stack.length < MAX_FRAMES) stack.push(frame);
  else draft.droppedFrames++;
}

const hasStack = (access: Access): boolean => access.stack.length > 0 || access.lost;

/** Every section that the grammar promises is there: two stacks, and the creation of each goroutine but the main one. */
export function isWhole(draft: Draft, needsCreations: boolean): boolean {
  const [first, second] = draft.accesses;
  if (first === undefined || second === undefined || !hasStack(first) || !hasStack(second)) return false;
  if (first.elided || second.elided) return false;
  if (!needsCreations) return true;
  return draft.accesses.every(
    ({ actor }) =>
      actor === null ||
      actor.startsWith('main') ||
      draft.creations.some(creation => creation.actor === actor && creation.stack.length > 0),
  );
}

/** Is this a report at all, and not a sentence about one? */
export function isReport(draft: Draft): boolean {
  const withStack = draft.accesses.filter(hasStack);
  return draft.marked ? withStack.length > 0 : withStack.length > 1;
}

function confidenceOf(draft: Draft, whole: boolean): Confidence {
  if (draft.mixed) return 'mixed';
  if (!draft.marked) return 'truncated';
  if (!whole) return draft.torn && draft.closed ? 'torn' : 'truncated';
  return draft.torn ? 'torn' : 'complete';
}

/** The finished report. */
export function toReport(draft: Draft, needsCreations: boolean): RaceReport {
  const { detector, type, named, accesses, creations, location, start, end, droppedFrames, time } = draft;
  const confidence = confidenceOf(draft, isWhole(draft, needsCreations));
  return { detector, type, named, accesses, creations, location, confidence, start, end, droppedFrames, time };
}
