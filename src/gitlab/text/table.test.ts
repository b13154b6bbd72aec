import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeSpan } from './code-span.ts';
import { inlineText } from './inline-text.ts';
import { inline } from './markdown.ts';
import { table } from './table.ts';
import { codeContent, expectInert, folded, INLINE_NODES, RUNS } from './testing/expectations.ts';
import { hostileText } from './testing/hostile-text.ts';

describe('table', () => {
  test('holds any text in its cells, whichever function wrote it', () => {
    const forms = { inlineText, codeSpan, cell: (text: string) => codeSpan(text, { tableCell: true }) };
    fc.assert(
      fc.property(
        hostileText,
        hostileText,
        fc.constantFrom(...(Object.keys(forms) as (keyof typeof forms)[])),
        (one, other, form) => {
          const source = table(
            [inline`Branch`, inline`File`],
            [
              [forms[form](one), forms[form](other)],
              [inline`end`, inline`end`],
            ],
          );
          const rendered = expectInert(source, [...INLINE_NODES, 'table', 'tableRow', 'tableCell']);
          const of = (text: string) => (form === 'inlineText' ? folded(text) : codeContent(text));
          const expected = `BranchFile${of(one)}${of(other)}endend`;
          // Only a plain code span may lose a backslash before a pipe; `tableCell` is there for that. Outer spaces of a
          // cell go, and inner ones are folded where such a text could not stay in code.
          const exact = (text: string) =>
            text
              .replaceAll(' ', '')
              .replaceAll('␉', '')
              .replace(/⟨U\+[0-9A-F]+⟩/g, '');
          const same = (text: string) => (form === 'codeSpan' ? exact(text).replace(/\\+\|/g, '|') : exact(text));
          expect(same(rendered)).toBe(same(expected));
        },
      ),
      RUNS,
    );
  });

  test('is as wide as its header, and no cell spans lines', () => {
    const text = 'a|b';
    expect(table([inline`A`, inline`B`], [[codeSpan(text)], [inline`1`, inline`2`, inline`3`]])).toBe(
      '| A | B |\n| --- | --- |\n| `a\\|b` |  |\n| 1 | 2 |',
    );
  });
});
