import { XMLParser } from 'fast-xml-parser';
import { parse as parseToml } from 'smol-toml';
import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, type Node as YamlNode } from 'yaml';
import { type Extraction, type Missed, missed, toExtraction } from './extraction.ts';
import { parseValuePath, type ValuePath, valueAt } from './value-path.ts';

export type DataFormat = 'json' | 'toml' | 'yaml' | 'xml';

/** Returned by a look-up: text, undefined for nothing there, or what is there instead of text. */
type Value = string | undefined | { instead: string };

/** A parsed file that can be asked for several paths. */
export type Lookup = (path: ValuePath) => Value;

const PARSERS: Record<DataFormat, (text: string) => Lookup> = { json, toml, yaml, xml };

/** The YAML parser takes seconds for a hostile megabyte; this bounds it to a fraction of one. */
const MAX_YAML = 128 * 1024;

/** Parses once, for any number of look-ups. */
export function openData(format: DataFormat, text: string): { ok: true; lookup: Lookup } | Missed {
  if (format === 'yaml' && text.length > MAX_YAML)
    return missed('too-large', `the file is longer than ${MAX_YAML} characters, too long for YAML: use a pattern`);
  try {
    return { ok: true, lookup: PARSERS[format](text) };
  } catch {
    // A parser may also run out of stack on hostile nesting; that is "not valid" too.
    return missed('no-match', `the file is not valid ${format.toUpperCase()}`);
  }
}

/** The version at a path written as in the settings. */
export function readData(format: DataFormat, text: string, path: string): Extraction {
  const opened = openData(format, text);
  if (!opened.ok) return opened;
  const segments = format === 'xml' ? path.split('/').slice(1) : (parseValuePath(path) ?? []);
  return fromValue(opened.lookup(segments), path);
}

/** A looked-up value as a result. */
export function fromValue(value: Value, path: string): Extraction {
  if (value === undefined) return missed('no-match', `there is nothing at ${path}`);
  if (typeof value !== 'string') return missed('not-a-version', `${path} is ${value.instead}`);
  return toExtraction(value);
}

function plain(value: unknown): Value {
  if (typeof value === 'string' || value === undefined) return value;
  if (typeof value === 'number' || typeof value === 'bigint')
    return { instead: 'a number, in which 5.10 and 5.1 are the same: put it in quotes' };
  return {
    instead: Array.isArray(value)
      ? 'a list'
      : value !== null && typeof value === 'object'
        ? 'an object'
        : `a ${typeof value}`,
  };
}

function json(text: string): Lookup {
  // Numbers as they are written, because 5.10 must not become 5.1. (The third argument is newer than its type.)
  const asWritten = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' ? context?.source : value;
  const root: unknown = JSON.parse(text, asWritten);
  return path => plain(valueAt(root, path));
}

function toml(text: string): Lookup {
  const root = parseToml(text);
  return path => plain(valueAt(root, path));
}

function yaml(text: string): Lookup {
  // The parser's own search for repeated keys takes a minute for 60,000 of them; only those on the path matter here.
  const document = parseAllDocuments(text, { logLevel: 'silent', uniqueKeys: false })[0];
  if (document === undefined || !('errors' in document) || document.errors.length > 0)
    throw new SyntaxError('not YAML');
  const resolve = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);
  return path => {
    let node = resolve(document.contents as YamlNode | null);
    for (const segment of path) {
      if (isMap(node)) {
        const pairs = node.items.filter(pair => isScalar(pair.key) && pair.key.source === segment);
        if (pairs.length > 1) return { instead: 'there twice' };
        node = resolve(pairs[0]?.value);
      } else if (isSeq(node)) node = resolve(/^\d+$/.test(segment) ? node.items[Number(segment)] : undefined);
      else return undefined;
    }
    // The source, because the value of an unquoted 5.10 is the number 5.1.
    if (isScalar(node)) return node.value === null ? undefined : node.source;
    return node === undefined || node === null ? undefined : { instead: isSeq(node) ? 'a list' : 'a map' };
  };
}

function xml(text: string): Lookup {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    removeNSPrefix: true,
    parseTagValue: false,
    parseAttributeValue: false,
    // Entities are never expanded: a version needs none, and they are the way to make a small file huge.
    processEntities: false,
  });
  const root: unknown = parser.parse(text, true);
  return path => {
    let value: unknown = root;
    for (const segment of path) value = valueAt(Array.isArray(value) ? value[0] : value, [segment]);
    const first: unknown = Array.isArray(value) ? value[0] : value;
    const content = typeof first === 'object' && first !== null ? (valueAt(first, ['#text']) ?? first) : first;
    return plain(content);
  };
}
