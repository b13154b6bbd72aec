import { describe, expect, it } from 'vitest';
import { matchEachLine, matchPattern, patternFault } from './match-pattern.ts';

describe('matchPattern', () => {
  it('gives up on a pattern that would take for ever, and soon', () => {
    for (const source of ['^(a+)+$', '^(a|a)*$', '^((a*)*)*b$']) {
      const started = performance.now();
      expect(matchPattern(source, `${'a'.repeat(900)}!`)).toEqual({ ok: false, why: 'too-slow' });
      expect(performance.now() - started).toBeLessThan(20_000);
    }
  });

  it('looks at the first 1000 characters of a line and no further', () => {
    expect(matchPattern('v=(\\d)', `${' '.repeat(996)}v=5`)).toEqual({ ok: true, group: '5' });
    expect(matchPattern('v=(\\d)', `${' '.repeat(998)}v=5`)).toEqual({ ok: false, why: 'no-match' });
  });

  it('passes over a line whose group took no part', () => {
    expect(matchPattern('a|b(.)', 'a\nb5')).toEqual({ ok: true, group: '5' });
  });

  it('reads a megabyte of lines', () => {
    expect(matchPattern('^version = (.+)$', `${'key = value\n'.repeat(80_000)}version = 5.3.1`)).toEqual({
      ok: true,
      group: '5.3.1',
    });
  });

  it('finds every line when asked to', () => {
    expect(matchEachLine('^v(.+)$', ['v1', 'x', 'v2'])).toEqual(['1', '2']);
    expect(matchEachLine('^v(.+)$', [])).toEqual([]);
  });
});

describe('patternFault', () => {
  it.each(['release/(.+)', '^(\\d+)-stable$', '(?:a|b)(?<version>c)'])('accepts %s', source => {
    expect(patternFault(source)).toBeUndefined();
  });

  it.each([
    ['release/.+', /group/],
    ['(?:x)', /group/],
    ['(', /valid/],
    ['a)|(b', /valid/],
    [`(${'a'.repeat(600)})`, /at most 500/],
  ])('refuses %s', (source, why) => {
    expect(patternFault(source)).toMatch(why);
  });
});
