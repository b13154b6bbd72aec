import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { link } from './link.ts';
import { folded, RUNS } from './testing/expectations.ts';
import { hostileText } from './testing/hostile-text.ts';
import { readAsGitLab } from './testing/oracle.ts';

describe('link', () => {
  test('any text and any address make one link or none, and nothing else', () => {
    const address = fc.oneof(
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
      hostileText,
      hostileText.map(text => `https://e.com/${text}`),
      hostileText.map(text => `http://${text}`),
    );
    fc.assert(
      fc.property(hostileText, address, (text, url) => {
        const reading = readAsGitLab(`x ${link(text, url)} y`);
        expect(reading.alive.filter(each => !each.startsWith('link: ['))).toEqual([]);
        expect(reading.alive.length).toBeLessThanOrEqual(1);
        const label = reading.alive.length === 1 && folded(text) === '' ? new URL(url).host : folded(text);
        expect(reading.rendered).toBe(`x ${label} y`);
      }),
      RUNS,
    );
  });

  test.each([
    ['javascript:alert(1)', 'a'],
    ['data:text/html,x', 'a'],
    ['//evil.example', 'a'],
    ['http://)', 'a'],
    ['https://user:secret@e.com/', 'a'],
    ['https://e.com/a(b)?x=1&copy;=2#`', '[a](https://e.com/a%28b%29?x=1&amp;copy;=2#%60)'],
    ['http://[::1]:8080/x', '[a](http://[::1]:8080/x)'],
  ])('%j', (url, source) => {
    expect(link('a', url)).toBe(source);
  });
});
