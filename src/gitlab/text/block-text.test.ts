import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockText } from './block-text.ts';
import { codeBlock } from './code-block.ts';
import { details } from './details.ts';
import { blocks, markdown } from './markdown.ts';
import { expectInert, INLINE_NODES, paragraphs, RUNS } from './testing/expectations.ts';
import { hostileText } from './testing/hostile-text.ts';
import { readAsGitLab } from './testing/oracle.ts';

describe('blockText', () => {
  test('is inert, keeps lines and paragraphs', () => {
    fc.assert(
      fc.property(hostileText, text => {
        expect(expectInert(blockText(text), [...INLINE_NODES, 'break'])).toBe(paragraphs(text));
      }),
      RUNS,
    );
  });

  test('is inert between our own blocks and in details', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (one, other) => {
        const body = blocks(markdown`## Copied`, blockText(one), codeBlock(other), blockText(other), markdown`end`);
        const plain = readAsGitLab(body);
        expect(plain.alive).toEqual([]);
        expect(plain.rendered.endsWith('end')).toBe(true);
        const reading = readAsGitLab(details(one, body));
        const ours = ['<details>', '</details>'];
        expect(reading.alive.filter(each => !ours.some(tag => each.startsWith(`html: ${tag}`)))).toEqual([]);
        expect(reading.rendered.trimEnd().endsWith('end')).toBe(true);
      }),
      RUNS,
    );
  });

  test('no line of it starts with a slash, for the GitLabs that look for quick actions line by line', () => {
    fc.assert(
      fc.property(hostileText, text => {
        expect(blockText(text)).not.toMatch(/^\//m);
      }),
      RUNS,
    );
  });

  test('an example', () => {
    expect(blockText('Hi @all,\r\n/assign @root\r\n\r\n1. one\n---')).toBe(
      'Hi \\@all,\\\n\\/assign \\@root\n\n1\\. one\\\n\\---',
    );
  });
});
