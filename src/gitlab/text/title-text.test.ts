import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { folded, RUNS } from './testing/expectations.ts';
import { hostileText } from './testing/hostile-text.ts';
import { aliveInPlainText } from './testing/oracle.ts';
import { titleText } from './title-text.ts';

describe('titleText', () => {
  test('is one line, valid, short enough and inert', () => {
    fc.assert(
      fc.property(
        fc.array(hostileText, { maxLength: 8 }).map(texts => texts.join(' ')),
        text => {
          const title = titleText(text);
          expect(aliveInPlainText(title)).toEqual([]);
          expect(title).not.toMatch(/[\n\r\t]/);
          expect(title.isWellFormed()).toBe(true);
          expect(Array.from(title).length).toBeLessThanOrEqual(255);
          expect(title.trim()).not.toBe('');
          if (title.endsWith('…')) return;
          expect(title.replaceAll('\u2060', '')).toBe(folded(text) || '(no title)');
          expect(titleText(title)).toBe(title);
        },
      ),
      RUNS,
    );
  });

  test('is cut between characters, not in them', () => {
    expect(titleText('😀'.repeat(300))).toBe(`${'😀'.repeat(254)}…`);
    expect(titleText('😀'.repeat(255))).toBe('😀'.repeat(255));
    expect(titleText('  ', { blank: 'Ticket 7' })).toBe('Ticket 7');
  });
});
