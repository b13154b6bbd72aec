const HEADER =
  /WARNING: (?:DATA RACE|ThreadSanitizer)|BUG: KCSAN|(?:Previous )?(?:[Rr]ead|[Ww]rite)(?: at 0x[0-9a-f]+)? by (?:main )?goroutine/;
/** One of these is in every header. */
const HINTS = ['DATA RACE', 'goroutine', 'ThreadSanitizer', 'KCSAN'];
const LONGEST_PREFIX = 160;
const KEPT = 8;
/** Lines among which a prefix has to stand twice; the lines of several writers alternate. */
const RECENT = 12;

/** What changes from line to line in a prefix; everything else in it is meant literally. */
const CHANGING = /\d{4}[-/]\d\d[-/]\d\d|\d\d?:\d\d:\d\d(?:[.,]\d+)?|\[\s*\d+\.\d+\]/g;

function shapeOf(prefix: string): RegExp {
  let source = '';
  let at = 0;
  const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  for (const match of prefix.matchAll(CHANGING)) {
    source += literal(prefix.slice(at, match.index));
    source += match[0].startsWith('[') ? String.raw`\[\s*\d+\.\d+\]` : String.raw`\d[\d:./,-]*`;
    at = match.index + match[0].length;
  }
  source += literal(prefix.slice(at));
  // Lines that are blank after the prefix often lose its last space.
  return new RegExp(`^${source.replace(/ $/, ' ?')}`);
}

interface Learned {
  shape: RegExp;
  /** The prefix stood on two lines: it names a writer, and its lines are a stream of their own. */
  writer: string | null;
}

/** Takes off prefixes that no known format has, after learning their shape from the first line of a report. */
export interface PrefixLearner {
  strip(text: string): { text: string; writer: string | null };
}

/** A learner for one file. */
export function prefixLearner(): PrefixLearner {
  const learned: Learned[] = [];
  const recent: string[] = [];

  function learn(text: string): void {
    const at = HEADER.exec(text)?.index ?? 0;
    const prefix = text.slice(0, at);
    if (prefix.trim() === '' || prefix.length > LONGEST_PREFIX) return;
    const shape = shapeOf(prefix);
    const writer = recent.some(line => shape.test(line)) ? prefix.replace(CHANGING, '').trim() : null;
    learned.unshift({ shape, writer });
    if (learned.length > KEPT) learned.pop();
  }

  function strip(text: string): { text: string; writer: string | null } {
    let match = learned.find(({ shape }) => shape.test(text));
    if (match === undefined && HINTS.some(hint => text.includes(hint)) && HEADER.test(text)) {
      learn(text);
      match = learned.find(({ shape }) => shape.test(text));
    }
    recent.push(text);
    if (recent.length > RECENT) recent.shift();
    if (match === undefined) return { text, writer: null };
    return { text: text.replace(match.shape, ''), writer: match.writer };
  }

  return { strip };
}
