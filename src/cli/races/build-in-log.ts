import { closeSync, openSync, readSync } from 'node:fs';
import type { RaceSighting } from '../../automations/races/sighting.ts';
import { SignalboxError } from '../../errors.ts';

const BLOCK = 1024 * 1024;
/** A line that a block's edge cuts is seen whole in one of two blocks. */
const OVERLAP = 4096;
/** A log that does not name its build is not searched for it again and again. */
const FARTHEST = 256 * BLOCK;

interface Known {
  /** Up to here the file has been searched, and this was the last build named before. */
  offset: number;
  name: string | null;
}

/**
 * Finds the build a log names: what the pattern's first group matched last before a report. Only around reports is the
 * log read again, backwards from each one to the one before. Packed logs and standard input cannot be read backwards.
 *
 * @throws SignalboxError SBX_USAGE when the pattern is none, or has no group
 */
export function buildInLog(pattern: string): (sighting: RaceSighting) => string | null {
  const expression = expressionOf(pattern);
  const known = new Map<string, Known>();
  return ({ file, offset }) => {
    if (file === '-' || /\.(?:gz|zst)$/.test(file)) return null;
    const before = known.get(file);
    const from = before !== undefined && before.offset <= offset ? before.offset : 0;
    const name =
      lastNamed(file, Math.max(from, offset - FARTHEST), offset, expression) ?? (from > 0 ? before?.name : null);
    known.set(file, { offset, name: name ?? null });
    return name ?? null;
  };
}

function expressionOf(pattern: string): RegExp {
  try {
    const expression = new RegExp(pattern, 'g');
    // An empty alternative always matches, and tells how many groups there are.
    if ((new RegExp(`${pattern}|`).exec('')?.length ?? 0) > 1) return expression;
  } catch (error) {
    throw new SignalboxError('SBX_USAGE', `--build-pattern: ${(error as Error).message}`, { cause: error });
  }
  throw new SignalboxError(
    'SBX_USAGE',
    `--build-pattern ${pattern}: put the build into brackets, as in version=(\\S+)`,
  );
}

function lastNamed(path: string, from: number, to: number, expression: RegExp): string | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    // Rotated away since it was scanned.
    return null;
  }
  try {
    const bytes = Buffer.alloc(BLOCK + OVERLAP);
    for (let end = to; end > from; end -= BLOCK) {
      const start = Math.max(from, end - BLOCK);
      const count = readSync(file, bytes, 0, Math.min(end + OVERLAP, to) - start, start);
      const last = [...bytes.toString('utf8', 0, count).matchAll(expression)].at(-1)?.[1];
      if (last !== undefined && last !== '') return last.slice(0, 200);
    }
    return null;
  } finally {
    closeSync(file);
  }
}
