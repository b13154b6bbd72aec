import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareVersions, isVersion, lineOfVersion } from './version.ts';

describe('the grammar of versions', () => {
  it.for(['5.4', '5.4.12', '5.4.12.3', '5.4.0-rc.1', '5.4.0-dev.20261123.17', '5.4.0-beta', '0.1', '5.4.0-3a'])(
    'takes %s',
    version => expect(isVersion(version)).toBe(true),
  );

  it.for([
    '',
    '5',
    'v5.4',
    '5.4.',
    '.5.4',
    '05.4',
    '5.04',
    '5.4-',
    '5.4-rc..1',
    '5.4-rc.01',
    '5.4-RC.1',
    '5.4+7',
    '5.4 ',
    ' 5.4',
    '5.4\n',
    '5.4\0',
    '../5.4',
    '5.4/../5.3',
    '5.4%2e',
    '5.4\\',
    'con',
    'nul',
    '5.4.1.2.3',
    '5.4.9999999999',
    `5.4-${'a'.repeat(70)}`,
    '５.４',
  ])('refuses %j', version => expect(isVersion(version)).toBe(false));
});

describe('the order of versions', () => {
  const ordered = [
    '5.3.99',
    '5.4-alpha',
    '5.4.0-alpha',
    '5.4.0-alpha.1',
    '5.4.0-alpha.2',
    '5.4.0-alpha.10',
    '5.4.0-alpha.beta',
    '5.4.0-rc.1',
    '5.4',
    '5.4.0',
    '5.4.1',
    '5.4.9',
    '5.4.10',
    '5.4.10.1',
    '5.10.0',
    '6.0',
  ];

  it('is as people expect', () => {
    for (const [index, older] of ordered.entries()) {
      for (const newer of ordered.slice(index + 1)) {
        expect(compareVersions(older, newer), `${older} before ${newer}`).toBeLessThan(0);
        expect(compareVersions(newer, older), `${newer} behind ${older}`).toBeGreaterThan(0);
      }
    }
  });

  it('is total, and the same whichever way it is asked', () => {
    const pre = fc.array(fc.constantFrom('0', '1', '10', 'a', 'rc', '2b'), { minLength: 1, maxLength: 3 });
    const version = fc
      .tuple(fc.array(fc.nat({ max: 3 }), { minLength: 2, maxLength: 4 }), fc.option(pre))
      .map(([numbers, tail]) => numbers.join('.') + (tail ? `-${tail.join('.')}` : ''));
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect([a, b, c].every(isVersion)).toBe(true);
        expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
        if (compareVersions(a, b) === 0) expect(a).toBe(b);
        if (compareVersions(a, b) < 0 && compareVersions(b, c) < 0) expect(compareVersions(a, c)).toBeLessThan(0);
      }),
      { numRuns: 2000 },
    );
  });
});

it('names the line by the first two numbers', () => {
  expect(['5.4', '5.4.12-rc.1', '5.10.0.7'].map(lineOfVersion)).toEqual(['5.4', '5.4', '5.10']);
});
