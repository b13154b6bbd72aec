import { journalExport } from './journal-export.ts';
import { jsonLayer } from './json-layer.ts';
import { prefixLearner } from './learned-prefix.ts';
import type { Layer, Origin, Piece } from './piece.ts';
import { cleanText, criLayer, escapedLinesLayer, processPrefixLayer, stampLayer, syslogLayer } from './text-layers.ts';
import { timeIn } from './times.ts';

/** A line of one process, free of everything that carried it. */
export interface DecodedLine {
  text: string;
  origin: Origin;
  time: number | null;
}

/** Takes the wrappings off the lines of one file; formats are recognised line by line and may be nested. */
export interface LineDecoder {
  decode(line: string): DecodedLine[];
  /** The file is over: what was waiting for its rest. */
  flush(): DecodedLine[];
  /** A part of a line is waiting for its rest. */
  pending(): boolean;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isCapital = (code: number): boolean => code >= 65 && code <= 90;
const [BRACE, BRACKET, ANGLE, SPACE] = ['{', '[', '<', ' '].map(char => char.charCodeAt(0));

/** The layers, each with a look at the line that costs nothing beside its own: a report's own lines pass them all by. */
const LAYERS: readonly { layer: Layer; mayBe: (first: number, text: string) => boolean }[] = [
  { layer: jsonLayer, mayBe: first => first === BRACE },
  { layer: criLayer, mayBe: isDigit },
  { layer: syslogLayer, mayBe: first => isDigit(first) || isCapital(first) || first === ANGLE || first === BRACKET },
  { layer: processPrefixLayer, mayBe: (first, text) => first === BRACKET || (first !== SPACE && text.includes('|')) },
  { layer: stampLayer, mayBe: first => isDigit(first) || first === ANGLE || first === BRACKET },
  { layer: escapedLinesLayer, mayBe: (_first, text) => text.includes('#012') || text.includes('\\') },
];
const DEEPEST = 6;
/** Pieces of a line that never ends are not collected without end. */
const LONGEST_JOIN = 256 * 1024;
const MOST_JOINS = 64;

/** A decoder for one file (or one chain of rotated files); `year` dates formats that do not say theirs. */
export function lineDecoder(year: number): LineDecoder {
  const parts = new Map<string, Piece>();
  const journal = journalExport();
  const prefixes = prefixLearner();

  /** Puts a line's parts together; null while more is to come. */
  function joined(piece: Piece): Piece | null {
    const held = parts.get(piece.joins);
    const whole = held === undefined ? piece : { ...piece, text: held.text + piece.text, time: held.time };
    parts.delete(piece.joins);
    if (!piece.partial || whole.text.length > LONGEST_JOIN || parts.size >= MOST_JOINS) {
      return { ...whole, partial: false };
    }
    parts.set(piece.joins, whole);
    return null;
  }

  function peel(piece: Piece, depth: number): Piece[] {
    const text = cleanText(piece.text);
    const clean = text === piece.text ? piece : { ...piece, text };
    if (depth >= DEEPEST) return [clean];
    const entries = depth === 0 ? journal.take(clean) : null;
    if (entries !== null) return entries.flatMap(entry => (entry === clean ? inner(clean, depth) : peel(entry, 1)));
    return inner(clean, depth);
  }

  function inner(piece: Piece, depth: number): Piece[] {
    const first = piece.text.charCodeAt(0);
    for (const { layer, mayBe } of LAYERS) {
      const pieces = mayBe(first, piece.text) ? layer(piece, year) : null;
      if (pieces === null) continue;
      return pieces.flatMap(next => {
        const whole = joined(next);
        return whole === null ? [] : peel(whole, depth + 1);
      });
    }
    return [piece];
  }

  function finished(piece: Piece): DecodedLine {
    const { text, writer } = prefixes.strip(piece.text);
    const origin = writer === null ? piece.origin : { ...piece.origin, container: writer };
    return { text, origin, time: piece.time ?? (piece.text.charCodeAt(0) === SPACE ? null : timeIn(piece.text)) };
  }

  return {
    decode: line => peel({ text: line, origin: {}, time: null, partial: false, joins: '' }, 0).map(finished),
    flush: () => {
      const rest = [...parts.values()].map(piece => ({ ...piece, partial: false }));
      parts.clear();
      return [...rest.flatMap(piece => peel(piece, 1)), ...journal.flush().flatMap(piece => peel(piece, 1))].map(
        finished,
      );
    },
    pending: () => parts.size > 0 || journal.pending(),
  };
}
