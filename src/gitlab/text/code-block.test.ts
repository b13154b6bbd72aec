import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeBlock } from './code-block.ts';
import { details } from './details.ts';
import { expectInert, normalised, RUNS } from './testing/expectations.ts';
import { hostileText } from './testing/hostile-text.ts';
import { readAsGitLab } from './testing/oracle.ts';

describe('codeBlock', () => {
  test('cannot be ended from within, nor in details', () => {
    fc.assert(
      fc.property(hostileText, text => {
        const source = codeBlock(text, { language: 'text' });
        const content = normalised(text, 'code').replace(/\n$/, '');
        expect(expectInert(source, ['root', 'code'])).toBe(content.trimEnd());
        const folding = readAsGitLab(details('Log', source));
        expect(folding.alive.filter(each => !each.startsWith('html: '))).toEqual([]);
        expect(folding.rendered.trim()).toBe(content.trim());
      }),
      RUNS,
    );
  });

  test('takes its language from our list only', () => {
    expect(codeBlock('{}', { language: 'json' })).toBe('```json\n{}\n```');
    expect(codeBlock('x', JSON.parse('{"language":"mermaid"}'))).toBe('```\nx\n```');
    expect(codeBlock('a\n```\n/close\n')).toBe('````\na\n```\n/close\n````');
  });
});
