import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { details } from './details.ts';
import { markdown } from './markdown.ts';
import { decoded, folded, RUNS } from './testing/expectations.ts';
import { hostileText } from './testing/hostile-text.ts';
import { aliveInPlainText } from './testing/oracle.ts';

describe('details', () => {
  test('its summary is inert HTML that reads as it was written', () => {
    fc.assert(
      fc.property(hostileText, text => {
        const [, summary = ''] = /<summary>(.*)<\/summary>/.exec(details(text, markdown`body`)) ?? [];
        const outside = summary.split(/<code>.*?<\/code>/);
        expect(outside.join('')).not.toContain('<');
        expect(outside.map(decoded).flatMap(aliveInPlainText)).toEqual([]);
        expect(decoded(summary.replace(/<\/?code>/g, ''))).toBe(folded(text));
      }),
      RUNS,
    );
  });
});
