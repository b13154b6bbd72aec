import { expect } from 'vitest';
import { readAsGitLab } from './oracle.ts';

/** FUZZ_RUNS=100000 for a long hunt; fast-check prints the seed of what it finds. */
export const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 1000) };
export const INLINE_NODES = ['root', 'paragraph', 'text', 'inlineCode'];

/** The documented normalisation, spelt out a second time and character by character. */
export function normalised(text: string, what: 'text' | 'code'): string {
  const broken = text
    .toWellFormed()
    .replace(/\r\n/g, '\n')
    .replace(/[\r\v\f\u0085\u2028\u2029]/g, '\n');
  return Array.from(broken, character => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '\n' || character === '\t' || character === ' ') return character;
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    if (code === 0x7f) return '␡';
    const spelled = `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
    if (code < 0xa0 && code > 0x7f) return spelled;
    const invisible = /\p{Default_Ignorable_Code_Point}/u.test(character) || (code >= 0xfff9 && code <= 0xfffb);
    if (what === 'code') return invisible || /\s/.test(character) ? spelled : character;
    return invisible && ![0x200c, 0x200d, 0xfe0e, 0xfe0f].includes(code) ? '' : character;
  }).join('');
}

export function folded(text: string): string {
  return normalised(text, 'text').split(/\s+/).filter(Boolean).join(' ');
}

export function paragraphs(text: string): string {
  const lines = normalised(text, 'text').split('\n').map(folded);
  return lines
    .join('\n')
    .split(/\n{2,}/)
    .map(each => each.replace(/^\n+|\n+$/g, ''))
    .filter(Boolean)
    .join('\n\n');
}

export function codeContent(text: string): string {
  return normalised(text, 'code').replaceAll('\n', ' ').replaceAll('\t', '␉') || ' ';
}

/** Inert, and only such nodes. */
export function expectInert(source: string, allowed: readonly string[]): string {
  const reading = readAsGitLab(source);
  expect(reading.alive, source).toEqual([]);
  expect(
    [...reading.nodes].filter(node => !allowed.includes(node)),
    source,
  ).toEqual([]);
  return reading.rendered;
}

/** HTML back to text. */
export function decoded(html: string): string {
  return html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
