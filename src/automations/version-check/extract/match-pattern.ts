import vm from 'node:vm';

/**
 * An operator's pattern meets text that anybody may write, and JavaScript's regular expressions can take exponential
 * time. So the pattern sees one line at a time, each cut short, and the whole search has a time limit that interrupts
 * even a single match.
 */
export type PatternMatch = { ok: true; group: string } | { ok: false; why: 'no-match' | 'too-slow' };

/** Longer lines are generated or minified; what stands after this many characters is not looked at. */
const MAX_LINE = 1000;

const MAX_PATTERN = 500;

/** Far above what an honest pattern takes on a megabyte (a few ms), so that a busy machine does not change a verdict. */
const TIME_LIMIT_MS = 250;

const SEARCH = new vm.Script(`
  (() => {
    const expression = new RegExp(source, 'u');
    const groups = [];
    for (const line of lines) {
      const group = expression.exec(line)?.[1];
      if (group !== undefined) groups.push(group);
      if (onlyFirst && groups.length > 0) break;
    }
    return groups.join('\\n');
  })()
`);

/** What is wrong with a pattern, in words that follow its name; undefined if nothing is. */
export function patternFault(source: string): string | undefined {
  if (source.length > MAX_PATTERN) return `must be at most ${MAX_PATTERN} characters long`;
  let groups: number;
  try {
    // The alternative that matches nothing tells how many groups there are.
    groups = (new RegExp(`${source}|`, 'u').exec('')?.length ?? 1) - 1;
    new RegExp(source, 'u');
  } catch {
    return 'must be a valid regular expression (JavaScript syntax, unicode)';
  }
  return groups === 0 ? 'must have a group in parentheses around the version, such as release/(.+)' : undefined;
}

/** The first group of the first line that matches with it. */
export function matchPattern(source: string, text: string): PatternMatch {
  const found = search(source, text.split(/\r\n|\n|\r/), true);
  if (found === undefined) return { ok: false, why: 'too-slow' };
  return found[0] === undefined ? { ok: false, why: 'no-match' } : { ok: true, group: found[0] };
}

/** The first group of every line that matches; undefined if it took too long. */
export function matchEachLine(source: string, lines: readonly string[]): string[] | undefined {
  return search(source, lines, false);
}

function search(source: string, lines: readonly string[], onlyFirst: boolean): string[] | undefined {
  const globals = { source, onlyFirst, lines: lines.map(line => line.slice(0, MAX_LINE)) };
  try {
    // A text comes back, because an object of that other world would carry its own prototypes into ours.
    const groups = String(SEARCH.runInNewContext(globals, { timeout: TIME_LIMIT_MS }));
    return groups === '' ? [] : groups.split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  }
}
