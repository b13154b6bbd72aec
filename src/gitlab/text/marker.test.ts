import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockText } from './block-text.ts';
import { codeBlock } from './code-block.ts';
import { codeSpan } from './code-span.ts';
import { details } from './details.ts';
import { inlineText } from './inline-text.ts';
import { link } from './link.ts';
import { blocks } from './markdown.ts';
import { marker, readMarker } from './marker.ts';
import { table } from './table.ts';
import { RUNS } from './testing/expectations.ts';
import { hostileText } from './testing/hostile-text.ts';
import { readAsGitLab } from './testing/oracle.ts';

describe('marker', () => {
  const key = fc.oneof(hostileText, fc.string({ unit: 'binary' }));

  test('comes back whole from what GitLab may make of the text around it', () => {
    fc.assert(
      fc.property(
        key,
        key,
        hostileText,
        fc.constantFrom('\n', '\r\n'),
        fc.constantFrom('', ' ', '  \t'),
        (one, other, text, lineEnd, blanks) => {
          const mark = { kind: 'escalation', key: one.toWellFormed(), fields: { rev: other.toWellFormed() } };
          const body = blocks(blockText(text), codeBlock(text), marker(mark), inlineText(text));
          const stored = body.replaceAll('\n', `${blanks}${lineEnd}`);
          expect(readMarker(stored)).toEqual(mark);
          expect(readMarker(stored, 'escalation')).toEqual(mark);
          expect(readMarker(stored, 'races')).toBeUndefined();
          expect(readAsGitLab(marker(mark)).rendered).toBe('');
          expect(readAsGitLab(`${marker(mark)}\n\nafter`).rendered.trim()).toBe('after');
        },
      ),
      RUNS,
    );
  });

  test('cannot be forged through any function for untrusted text', () => {
    const forged = marker({ kind: 'races', key: 'stolen' });
    const around = fc.tuple(hostileText, hostileText, hostileText);
    fc.assert(
      fc.property(around, ([before, between, after]) => {
        const text = `${before}\n${forged}\n${between}\n\n${forged}\n\n${after}`;
        const row = table([inlineText(text)], [[codeSpan(text)], [codeSpan(text, { tableCell: true })]]);
        const body = blocks(
          blockText(text),
          codeBlock(text),
          inlineText(text),
          codeSpan(text),
          row,
          link(text, 'https://e.com'),
        );
        expect(readMarker(blocks(details(text, body), body))).toBeUndefined();
      }),
      RUNS,
    );
  });

  test('a value cannot end the comment; quoting one of our texts forges nothing', () => {
    const mark = marker({ kind: 'races', key: '--> @all <!-- --!> ---' });
    expect(mark).toBe('<!-- signalbox:races key=-%2D%3E%20%40all%20%3C%21-%2D%20-%2D%21%3E%20-%2D- -->');
    expect(readMarker(`> ${mark}`)).toBeUndefined();
    expect(readMarker(`- ${mark}`)).toBeUndefined();
    expect(readMarker(`>>>\n${mark}\n>>>`)).toBeUndefined();
    expect(readMarker(`\`\`\`\n${mark}\n\`\`\``)).toBeUndefined();
    expect(readMarker('<!-- signalbox:races key=%zz -->')).toBeUndefined();
    expect(readMarker(`a line above\n${mark}\na line below`)?.kind).toBe('races');
  });

  test('refuses names that are none', () => {
    expect(() => marker({ kind: 'a b', key: '' })).toThrow(TypeError);
    expect(() => marker({ kind: 'a', key: '', fields: { 'x--': '' } })).toThrow(TypeError);
    expect(() => marker({ kind: 'a', key: '', fields: { key: '' } })).toThrow(TypeError);
  });
});
