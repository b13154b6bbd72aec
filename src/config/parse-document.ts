import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument as parseYaml, visit } from 'yaml';

/** A place in the text, both from 1. */
export interface Position {
  line: number;
  column: number;
}

export type Path = readonly PropertyKey[];

export interface ParsedDocument {
  /** The document as plain values; undefined if it has faults of syntax. */
  value: unknown;
  /** What is wrong with the YAML itself. */
  faults: { position: Position; message: string }[];
  /** Where values and keys are that still hold a placeholder of the template, such as `<group/project>`. */
  placeholders: Position[];
  /** Where a value is, or the nearest thing above it that exists; with `key`, where its key is. */
  locate: (path: Path, part?: 'value' | 'key') => Position;
}

/**
 * What the parser's codes mean to somebody who edits a configuration. The parser's own messages are not used: some
 * quote the text, which may hold a secret.
 */
const MESSAGES: Record<string, string> = {
  BAD_DQ_ESCAPE: 'this text in double quotes has an unknown escape: use single quotes, or write \\\\ for a backslash',
  BAD_INDENT: 'the indentation does not fit the lines above',
  BAD_SCALAR_START: 'a text cannot start with this character: put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a second ": " stands on this line: put the text in quotes',
  BLOCK_IN_FLOW: 'an indented block cannot stand inside brackets',
  DUPLICATE_KEY: 'this key is there twice in the same section: remove one',
  MISSING_CHAR: 'something is missing here: a closing quote or bracket, a comma, or a blank after a colon',
  MULTILINE_IMPLICIT_KEY: 'a key must be on one line, followed by a colon and a blank',
  MULTIPLE_DOCS: 'a second document starts here (---): one file holds one configuration',
  TAB_AS_INDENT: 'a tab indents this line: YAML allows only blanks',
  UNEXPECTED_TOKEN: 'this does not belong here',
};

const NO_ANCHORS = 'anchors and aliases (&name, *name) are not supported: write the value out at each place';

/** Reads YAML text. All faults come back at once; nothing is thrown. */
export function parseDocument(text: string): ParsedDocument {
  const lineCounter = new LineCounter();
  const document = parseYaml(text, { lineCounter, prettyErrors: false, logLevel: 'error' });
  const position = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const faults = [...document.errors, ...document.warnings].map(error => ({
    position: position(error.pos[0]),
    message:
      error.code === 'TAG_RESOLVE_FAILED'
        ? 'tags (!name) are not supported'
        : (MESSAGES[error.code] ?? 'this is not valid YAML'),
  }));
  const placeholders: Position[] = [];
  visit(document, {
    Alias: (_key, node) => void faults.push({ position: position(node.range?.[0] ?? 0), message: NO_ANCHORS }),
    Value: (_key, node) => {
      const start = position(node.range?.[0] ?? 0);
      if (node.anchor !== undefined) faults.push({ position: start, message: NO_ANCHORS });
      if (isScalar(node) && typeof node.value === 'string' && /^<[^<>]+>$/.test(node.value)) placeholders.push(start);
    },
    Pair: (_key, pair) => {
      if (!isScalar(pair.key))
        faults.push({
          position: position((pair.key as Node | null)?.range?.[0] ?? 0),
          message: 'a key must be a plain text',
        });
    },
  });
  return {
    value: faults.length > 0 ? undefined : document.toJS(),
    // One slip often makes the parser complain twice at the same place; the first complaint is the one that helps.
    faults: faults.filter(
      (fault, index) =>
        faults.findIndex(
          each => each.position.line === fault.position.line && each.position.column === fault.position.column,
        ) === index,
    ),
    placeholders,
    locate: (path, part = 'value') => position(offsetOf(document, path, part)),
  };
}

function offsetOf(document: Document, path: Path, part: 'value' | 'key'): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range?.[0] ?? 0;
  for (const [index, segment] of path.entries()) {
    const isLast = index === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find(each => isScalar(each.key) && String(each.key.value) === String(segment));
      if (pair === undefined) return offset;
      const keyStart = (pair.key as Node).range?.[0] ?? offset;
      const value = pair.value as Node | null;
      // Of a section what counts is where it is named, not where its first line begins.
      const named =
        part === 'key' || value === null || !(isScalar(value) || (isLast && isSeq(value) && value.flow === true));
      offset = isLast && !named ? (value?.range?.[0] ?? keyStart) : keyStart;
      node = value;
    } else if (isSeq(node)) {
      node = node.items[Number(segment)];
      if (node === undefined) return offset;
      offset = (node as Node).range?.[0] ?? offset;
    } else return offset;
  }
  return offset;
}
