import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeSpan } from './code-span.ts';
import { codeContent, expectInert, INLINE_NODES, RUNS } from './testing/expectations.ts';
import { hostileText } from './testing/hostile-text.ts';

describe('codeSpan', () => {
  test('cannot be broken out of, and shows every character', () => {
    fc.assert(
      fc.property(hostileText, text => {
        const source = codeSpan(text);
        expect(expectInert(`Branch ${source} is behind`, INLINE_NODES)).toBe(`Branch ${codeContent(text)} is behind`);
        expectInert(source, INLINE_NODES);
      }),
      RUNS,
    );
  });

  test('a branch that tries everything stays a name', () => {
    expect(codeSpan('x`@all`/close')).toBe('``x`@all`/close``');
    expect(expectInert(codeSpan('x`@all`/close'), INLINE_NODES)).toBe('x`@all`/close');
  });

  test.each([
    ['', '` `'],
    ['`', '`` ` ``'],
    [' a ', '`  a  `'],
    ['a\r\nb', '`a b`'],
    ['main\u202e', '`main⟨U+202E⟩`'],
    ['\x1b[0m', '`␛[0m`'],
  ])('%j becomes %j', (text, source) => {
    expect(codeSpan(text)).toBe(source);
  });
});
