import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { describe, expect, test } from 'vitest';
import { codeSpan } from './code-span.ts';
import { inlineText } from './inline-text.ts';
import { inline } from './markdown.ts';
import { codeContent, expectInert, folded, INLINE_NODES, RUNS } from './testing/expectations.ts';
import { hostileText } from './testing/hostile-text.ts';

describe('inlineText', () => {
  test('is inert and renders as it was written', () => {
    fc.assert(
      fc.property(hostileText, text => {
        expect(expectInert(inlineText(text), INLINE_NODES)).toBe(folded(text));
      }),
      RUNS,
    );
  });

  test('is inert in the middle of our own text, and next to itself', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (one, other) => {
        const source = inline`Merges ${inlineText(one)}${codeSpan(other)} into ${codeSpan(one)}${inlineText(other)}.`;
        const rendered = expectInert(source, INLINE_NODES).replaceAll(' ', '');
        const expected = `Merges${folded(one)}${codeContent(other)}into${codeContent(one)}${folded(other)}.`;
        expect(rendered).toBe(expected.replaceAll(' ', ''));
      }),
      RUNS,
    );
  });

  test('says the same to a second parser', () => {
    const other = new MarkdownIt({ html: true });
    fc.assert(
      fc.property(hostileText, text => {
        const [inlineToken] = other.parse(`x ${inlineText(text)}`, {}).filter(token => token.type === 'inline');
        const children = inlineToken?.children ?? [];
        expect(children.filter(token => !['text', 'code_inline'].includes(token.type))).toEqual([]);
        expect(children.map(token => token.content).join('')).toBe(`x ${folded(text)}`.trimEnd());
      }),
      RUNS,
    );
  });

  test.each([
    ['Hi @all, see #123', 'Hi \\@all, see \\#123'],
    ['/close', '\\/close'],
    ['snake_case and _this_', 'snake_case and \\_this\\_'],
    ['see [issue:1] (https://x.y/z).', 'see `[issue:1]` (`https://x.y/z`).'],
    ['10:01:22 aa:bb:cc:dd:ee:ff 2026-11-20', '10:01:22 aa:bb:cc:dd:ee:ff 2026-11-20'],
    ['two\r\n  lines', 'two lines'],
    ['a\u202eb\u200bc\u0000d', 'abc␀d'],
    ['👩‍🚀', '👩‍🚀'],
  ])('%j becomes %j', (text, source) => {
    expect(inlineText(text)).toBe(source);
  });
});
