import { describe, expect, test } from 'vitest';
import { blockText } from './block-text.ts';
import { codeSpan } from './code-span.ts';
import { inlineText } from './inline-text.ts';
import { blocks, inline, joinInline } from './markdown.ts';

describe('joining', () => {
  test('code spans that would touch are kept apart', () => {
    expect(inline`${codeSpan('a')}${codeSpan('`b')}`).toBe('`a` `` `b ``');
    expect(joinInline([codeSpan('a'), codeSpan('b')], '')).toBe('`a` `b`');
    expect(joinInline([codeSpan('a'), inline`b`], ', ')).toBe('`a`, b');
    expect(inline`${3} of ${inlineText('#4')}`).toBe('3 of \\#4');
  });

  test('a raw string is not Markdown', () => {
    // @ts-expect-error: what is not made by a function of this folder does not compile
    expect(blocks('raw')).toBe('raw');
    // @ts-expect-error: a block does not fit in a line
    expect(inline`${blockText('a')}`).toBe('a');
  });
});
