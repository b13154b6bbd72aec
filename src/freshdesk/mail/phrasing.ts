import type { Nodes } from 'mdast';
import { isActiveWord, splitWords } from '../../gitlab/text/active-words.ts';
import { oneLine, visibleText } from '../../gitlab/text/characters.ts';
import { codeSpan } from '../../gitlab/text/code-span.ts';
import { activePart, escapeText, inlineText } from '../../gitlab/text/inline-text.ts';
import { linkDestination } from '../../gitlab/text/link.ts';
import type { UploadedImage } from './mail-types.ts';

/** What running text needs to know of its surroundings. */
export interface Surroundings {
  uploads: ReadonlyMap<string, UploadedImage | null>;
  /** Host of our GitLab. */
  gitlabHost: string;
  /** Whether it is the address of an image that Freshdesk keeps. */
  isFreshdesks: (url: string) => boolean;
  inTable: boolean;
}

type Mark = '' | '~~' | '**' | '_';

interface State {
  mark: Mark;
  link: string;
}

/** Running text, flattened: Markdown's nesting is built again from the marks, because a mail's often cannot be written. */
type Atom = State &
  (
    | { kind: 'text' | 'code'; value: string }
    /** Finished Markdown: an image, a line break. */
    | { kind: 'source'; value: string }
  );

/**
 * Running text as inert Markdown, line breaks as `\n`. A word that GitLab would bring to life although it is escaped
 * (see gitlab/text/active-words.ts) stands in code, also when the mail has it half in bold; every other character that
 * means something is escaped; bold and the like are written only where every Markdown parser understands them.
 */
export function phrasing(nodes: readonly Nodes[], surroundings: Surroundings): string {
  const atoms: Atom[] = [];
  for (const node of nodes) flatten(node, { mark: '', link: '' }, surroundings, atoms);
  return write(mergeAlike(protectActiveWords(mergeAlike(atoms))), surroundings);
}

const MARKS: Partial<Record<Nodes['type'], Mark>> = { delete: '~~', strong: '**', emphasis: '_' };

function flatten(node: Nodes, state: State, surroundings: Surroundings, atoms: Atom[]): void {
  const lineBreak = (): number => atoms.push({ kind: 'source', ...state, value: '\n' });
  if (node.type === 'text') {
    atoms.push({ kind: 'text', ...state, value: visibleText(node.value).replace(/\s+/g, ' ') });
  } else if (node.type === 'inlineCode' || node.type === 'code') {
    if (node.value.trim() !== '') atoms.push({ kind: 'code', mark: '', link: state.link, value: node.value });
  } else if (node.type === 'image') {
    atoms.push(imageAtom(node.url, node.alt ?? '', state, surroundings));
  } else if (node.type === 'link') {
    flattenLink(node.url, node.children, state, surroundings, atoms);
  } else {
    // A block, in a table's cell say, is one line there.
    const mark = MARKS[node.type];
    const inner = { ...state, mark: stronger(state.mark, mark ?? '') };
    if (mark === undefined) lineBreak();
    if ('children' in node) for (const child of node.children) flatten(child, inner, surroundings, atoms);
    if (mark === undefined && node.type !== 'break') lineBreak();
  }
}

/** One mark at a time: struck out wins over bold, bold over italics. */
function stronger(one: Mark, other: Mark): Mark {
  return (['~~', '**', '_'] as const).find(mark => mark === one || mark === other) ?? '';
}

function flattenLink(
  url: string,
  children: readonly Nodes[],
  state: State,
  surroundings: Surroundings,
  atoms: Atom[],
): void {
  const destination = state.link === '' ? linkDestination(url) : undefined;
  // An address of our own GitLab would make a note on the other issue, and tell it this one's title.
  const isOwn = destination !== undefined && new URL(url).hostname === surroundings.gitlabHost;
  const inner = destination === undefined || isOwn ? state : { mark: state.mark, link: destination };
  const from = atoms.length;
  for (const child of children) flatten(child, inner, surroundings, atoms);
  const label = atoms
    .slice(from)
    .map(atom => atom.value)
    .join('')
    .trim();
  if (isOwn && label !== url) {
    if (label !== '') atoms.push({ kind: 'text', ...state, value: ' ' });
    atoms.push({ kind: 'code', mark: '', link: '', value: url });
  }
}

function imageAtom(url: string, alt: string, state: State, { uploads, gitlabHost, isFreshdesks }: Surroundings): Atom {
  const upload = uploads.get(url);
  const description = oneLine(alt);
  // Not copied yet, or to be shown before it is.
  if (upload?.markdownUrl === null) return { kind: 'text', ...state, value: `(image: ${oneLine(upload.name)})` };
  if (upload) {
    const value = `![${altText(upload.name || description)}](${uploadDestination(upload.markdownUrl)})`;
    return { kind: 'source', mark: '', link: state.link, value };
  }
  // An address of Freshdesk's own images is a key to them.
  if (upload === null || isFreshdesks(url))
    return { kind: 'text', ...state, value: `(image not copied: ${description || 'no description'})` };
  // Of somebody else's server: never fetched, by us or by whoever reads the issue; a link for who wants it.
  const destination = state.link === '' ? linkDestination(url) : undefined;
  const host = destination === undefined ? '' : new URL(url).hostname;
  if (destination === undefined || host === gitlabHost)
    return { kind: 'text', ...state, value: `(image: ${description || 'no description'})` };
  return { kind: 'text', mark: '', link: destination, value: `image: ${description || host}` };
}

/** Brackets in an image's text are read differently by every parser, and escapes are not always taken away. */
function altText(name: string): string {
  return inlineText(name.replace(/[^\p{L}\p{N}\p{M} .,()_-]+/gu, '_'));
}

/** GitLab names uploads itself; only what could end the parentheses is encoded. */
function uploadDestination(url: string): string {
  return url.replace(/[^\w./%~-]/g, character =>
    encodeURIComponent(character).replace(/[()!*']/g, each => `%${each.charCodeAt(0).toString(16).toUpperCase()}`),
  );
}

function mergeAlike(atoms: readonly Atom[]): Atom[] {
  const merged: Atom[] = [];
  for (const atom of atoms) {
    const last = merged.at(-1);
    if (atom.value === '') continue;
    const alike =
      last?.kind === atom.kind && last.link === atom.link && (atom.kind === 'code' || last.mark === atom.mark);
    if (last && alike && atom.kind !== 'source') last.value += atom.value;
    else merged.push({ ...atom });
  }
  return merged;
}

/** Looks for active words in what GitLab could see as one text if every mark fell away, and puts them in code. */
function protectActiveWords(atoms: readonly Atom[]): Atom[] {
  const out: Atom[] = [];
  for (let at = 0; at < atoms.length; ) {
    const run: Atom[] = [];
    while (at < atoms.length && atoms[at]!.kind === 'text') run.push(atoms[at++]!);
    out.push(...protectRun(run));
    if (at < atoms.length) out.push(atoms[at++]!);
  }
  return out;
}

function protectRun(run: readonly Atom[]): Atom[] {
  const parts = activeParts(run.map(atom => atom.value));
  if (parts.length === 0) return [...run];
  const out: Atom[] = [];
  let offset = 0;
  let part = 0;
  for (const atom of run) {
    const end = offset + atom.value.length;
    const slice = (from: number, to: number): string => atom.value.slice(from - offset, to - offset);
    for (let at = offset; at < end; ) {
      while (part < parts.length && parts[part]![1] <= at) part++;
      const [from, to] = parts[part] ?? [end, end];
      const until = Math.min(at < from ? from : to, end);
      if (at < from) out.push({ ...atom, value: slice(at, until) });
      // Marks end at code; the pieces of a word in several atoms become one again.
      else out.push({ kind: 'code', mark: '', link: atom.link, value: slice(at, until) });
      at = until;
    }
    offset = end;
  }
  return out;
}

/** Offsets of the active words without the punctuation around them, and without pipes, which end a table's cell. */
function activeParts(values: readonly string[]): [number, number][] {
  const text = values.join('');
  const seams: number[] = [];
  for (const value of values) seams.push((seams.at(-1) ?? 0) + value.length);
  let seam = 0;
  const parts: [number, number][] = [];
  let offset = 0;
  for (const word of splitWords(text)) {
    while (seams[seam]! <= offset) seam++;
    const cuts: number[] = [];
    for (let at = seam; seams[at]! < offset + word.length; at++) cuts.push(seams[at]! - offset);
    if (isActiveWord(word) || isActiveInPieces(word, cuts)) {
      const [start, end] = activePart(word);
      let from = offset + start;
      for (const piece of word.slice(start, end).split('|')) {
        if (piece !== '') parts.push([from, from + piece.length]);
        from += piece.length + 1;
      }
    }
    offset += word.length;
  }
  return parts;
}

/** `x<b>BC-1</b>`: no key as one text, but one if the marks stay and GitLab sees two. */
function isActiveInPieces(word: string, cuts: readonly number[]): boolean {
  return cuts.length > 0 && [0, ...cuts].some((from, index) => isActiveWord(word.slice(from, cuts[index])));
}

function write(atoms: readonly Atom[], surroundings: Surroundings): string {
  let out = '';
  for (let at = 0; at < atoms.length; ) {
    const { link } = atoms[at]!;
    const run: Atom[] = [];
    while (at < atoms.length && atoms[at]!.link === link) run.push(atoms[at++]!);
    if (link === '') out += writeRun(run, out, atoms[at] === undefined ? '' : '[', surroundings);
    else out += writeLink(writeRun(run, '[', ']', surroundings), link);
  }
  return out;
}

/** White space around a link's text stands outside it, line breaks in it become spaces. */
function writeLink(label: string, destination: string): string {
  const [before, core, after] = trimmed(label);
  return core === '' ? label : `${before}[${core.replace(/\s*\n\s*/g, ' ')}](${destination})${after}`;
}

function writeRun(run: readonly Atom[], before: string, after: string, surroundings: Surroundings): string {
  const groups: { mark: Mark; source: string }[] = [];
  for (const atom of run) {
    const last = groups.at(-1);
    const source = sourceOf(atom, surroundings);
    if (last && last.mark === atom.mark) last.source += source;
    else groups.push({ mark: atom.mark, source });
  }
  let out = '';
  for (const [index, { mark, source }] of groups.entries()) {
    const [head, core, tail] = trimmed(source);
    const next = groups[index + 1];
    // The neighbour's first character may be its mark, or that of its text if the mark falls away.
    const follows = tail !== '' ? [tail] : next ? [next.source, next.mark || next.source] : [after];
    const precedes = (head || out || before).slice(-2);
    const inner = core.replace(/\s*\n\s*/g, '\n');
    const fits =
      mark !== '' &&
      core !== '' &&
      canOpen(mark, precedes, inner) &&
      follows.every(each => canOpen(mark, mirrored(each.slice(0, 2)), mirrored(inner.slice(-2))));
    out += fits ? `${head}${mark}${inner}${mark}${tail}` : source;
  }
  return out;
}

function sourceOf(atom: Atom, { inTable }: Surroundings): string {
  if (atom.kind === 'source') return atom.value;
  if (atom.kind === 'code') return codeSpan(atom.value, { tableCell: inTable });
  const escaped = escapeText(atom.value);
  // `==highlight==` is seen across atoms.
  const start = escaped.startsWith('=') ? '\\' : '';
  return start + (/[^\\]=$/.test(escaped) ? `${escaped.slice(0, -1)}\\=` : escaped);
}

/** Read from the other end, by code points: closing is opening seen from the right. */
function mirrored(text: string): string {
  return Array.from(text).reverse().join('');
}

/** Whether `mark` between these opens in every reading of CommonMark's flanking rules, old and new. */
function canOpen(mark: Mark, before: string, inside: string): boolean {
  if (before === '' || /\s$/.test(before)) return true;
  const outside = before.at(-1) ?? '';
  if (outside === mark.charAt(0)) return false;
  if (/[!-/:-@[-`{-~]/.test(outside)) return true;
  return mark !== '_' && /^[\p{L}\p{N}]/u.test(inside);
}

function trimmed(source: string): [before: string, core: string, after: string] {
  const core = source.trim();
  const start = source.length - source.trimStart().length;
  return core === '' ? [source, '', ''] : [source.slice(0, start), core, source.slice(start + core.length)];
}
