import { asMarkdown, type Markdown } from './markdown.ts';
import { parseBlocks } from './parse-markdown.ts';

/** What a hidden comment in one of our texts says about it. */
export interface Marker {
  /** Which automation's text: `version-check`, `escalation`. Lower-case letters, digits, hyphens. */
  kind: string;
  /** What it is about, e.g. the work's key. Any text. */
  key: string;
  /** More of the same, by name (as `kind`). Any texts. */
  fields?: Readonly<Record<string, string>>;
}

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const LINE = /^ {0,3}<!-- signalbox:([a-z0-9-]+)((?: [a-z0-9-]+=[A-Za-z0-9._:/%-]*)*) -->[ \t]*$/;

/**
 * The hidden comment by which we recognise our own text. Put it last, through `blocks`: a comment swallows the line
 * under it up to a blank one. Values are percent-encoded, so that no value can end the comment or the line.
 */
export function marker({ kind, key, fields = {} }: Marker): Markdown {
  for (const name of [kind, ...Object.keys(fields)]) {
    if (!NAME.test(name)) throw new TypeError(`Not a marker name: ${JSON.stringify(name)}`);
  }
  if ('key' in fields) throw new TypeError('A marker has its key already');
  const pairs = Object.entries({ key, ...fields }).map(([name, value]) => ` ${name}=${encodeValue(value)}`);
  return asMarkdown(`<!-- signalbox:${kind}${pairs.join('')} -->`);
}

/**
 * The last marker in a text that came back from GitLab (`\r\n`, trailing blanks and text added below do not matter), of
 * `kind` if one is given. Only a comment that stands alone on a line outside code, lists and quotes counts: none of
 * this folder's functions lets untrusted text make one. A person can write one by hand, so ask for the author as well.
 */
export function readMarker(text: string, kind?: string): Required<Marker> | undefined {
  // Parsing is only worth it for a text that may have one; most have none.
  if (!text.includes('<!-- signalbox:')) return undefined;
  const lines = parseBlocks(text)
    .filter(token => token.type === 'html_block' && token.level === 0)
    .flatMap(token => token.content.split('\n'));
  const found = lines.map(readLine).filter(each => each !== undefined && (kind === undefined || each.kind === kind));
  return found.at(-1);
}

function readLine(line: string): Required<Marker> | undefined {
  const match = LINE.exec(line);
  if (match === null) return undefined;
  try {
    const pairs = (match[2] ?? '').split(' ').filter(pair => pair !== '');
    const { key, ...fields } = Object.fromEntries(pairs.map(readPair));
    return key === undefined ? undefined : { kind: match[1] ?? '', key, fields };
  } catch (error) {
    if (error instanceof URIError) return undefined; // `%zz`: written by a hand, not by us
    throw error;
  }
}

function readPair(pair: string): [string, string] {
  const equals = pair.indexOf('=');
  return [pair.slice(0, equals), decodeURIComponent(pair.slice(equals + 1))];
}

/** Readable for people who look at the source, and without anything that means something to HTML or GitLab. */
function encodeValue(value: string): string {
  return encodeURIComponent(value.toWellFormed())
    .replace(/[!'()*~]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%(?:2F|3A)/g, encoded => (encoded === '%2F' ? '/' : ':'))
    .replaceAll('--', '-%2D');
}
