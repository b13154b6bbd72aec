import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareVersions, lineOf, parseVersion } from './version-number.ts';

describe('parseVersion', () => {
  it.each([
    // text, version, line with 2
    ['5.3.1', '5.3.1', '5.3'],
    [' v5.3.1 \t', '5.3.1', '5.3'],
    ['V5.3', '5.3', '5.3'],
    ['5', '5', '5.0'],
    ['18.9.0-pre', '18.9.0-pre', '18.9'],
    ['5.3.1-SNAPSHOT', '5.3.1-SNAPSHOT', '5.3'],
    ['5.3-SNAPSHOT', '5.3-SNAPSHOT', '5.3'],
    ['5.3.1-rc.1+build.77', '5.3.1-rc.1+build.77', '5.3'],
    ['5.3.1+7', '5.3.1+7', '5.3'],
    ['5.3.1.RELEASE', '5.3.1.RELEASE', '5.3'],
    ['5.3.1rc1', '5.3.1rc1', '5.3'],
    ['5.3.1.dev0', '5.3.1.dev0', '5.3'],
    ['5.3.1~rc1-2ubuntu1', '5.3.1~rc1-2ubuntu1', '5.3'],
    ['5.3.1-2', '5.3.1-2', '5.3'],
    ['5.3-alpha.{height}', '5.3-alpha.{height}', '5.3'],
    ['24.04', '24.04', '24.4'],
    ['2026.11.23', '2026.11.23', '2026.11'],
    ['20261123.120000', '20261123.120000', '20261123.120000'],
    ['1.2.3.4.5', '1.2.3.4.5', '1.2'],
    ['0.1.0', '0.1.0', '0.1'],
  ])('takes %j as %s, line %s', (text, version, line) => {
    expect(parseVersion(text)).toMatchObject({ ok: true, version });
    expect(lineOf(text, 2)).toBe(line);
  });

  it.each([
    '',
    '   ',
    'dev',
    'unknown',
    'HEAD',
    '(devel)',
    `\${revision}`,
    '@VERSION@',
    '%%VERSION%%',
    '{{ version }}',
    '5.',
    '.5',
    '5..3',
    '5.3.1 and more',
    '5.3.1\n5.4.0',
    '5,3',
    '-5.3',
    '5.x',
    '1.*',
    '^5.3.1',
    '>=5.3',
    '5.3.1-',
    '５.３',
    'version 5.3.1',
    '0.0.0',
    '0.0',
    'v0',
    '0.0.0-development',
    '0.0.0-PLACEHOLDER',
    '1234567890123456.1',
    `5.3-${'a'.repeat(130)}`,
    '<<<<<<< HEAD',
    '../VERSION',
    '5.3.1/../..',
    '5.3.1`@all`',
  ])('refuses %j', text => {
    expect(parseVersion(text)).toMatchObject({ ok: false });
  });

  it('ignores whatever suffix follows when it names the line', () => {
    const suffix = fc
      .stringMatching(/^(?:[-+~_][A-Za-z0-9.]{1,20}|[A-Za-z][A-Za-z0-9]{1,10}|)$/)
      .filter(text => !/^[xX]$/.test(text));
    fc.assert(
      fc.property(
        fc.array(fc.nat(99_999), { minLength: 1, maxLength: 8 }),
        suffix,
        fc.constantFrom('', 'v', 'V'),
        (numbers, tail, v) => {
          fc.pre(numbers.some(number => number > 0));
          const text = `${v}${numbers.join('.')}${tail}`;
          expect(lineOf(text, 3)).toBe([0, 1, 2].map(index => numbers[index] ?? 0).join('.'));
        },
      ),
    );
  });

  it('answers any text quickly and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), text => typeof parseVersion(text).ok === 'boolean'),
    );
    const started = performance.now();
    parseVersion(`${'1.'.repeat(500_000)}x`);
    parseVersion(`1${'-a'.repeat(60)}!`);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

describe('compareVersions', () => {
  it.each([
    ['5.10', '5.9', 1],
    ['5.9', '5.10', -1],
    ['5.3', '5.3.0', 0],
    ['5.3.1-rc1', '5.3.1', 0],
    ['v5.3', '5.03', 0],
    ['24.10', '24.04', 1],
    ['10', '9.99.99', 1],
  ] as const)('%s against %s is %i', (a, b, order) => {
    expect(compareVersions(a, b)).toBe(order);
  });

  const version = fc
    .array(fc.nat(20), { minLength: 1, maxLength: 5 })
    .filter(numbers => numbers.some(number => number > 0))
    .map(numbers => numbers.join('.'));

  it('is a total order', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(compareVersions(a, b)).toBe(0 - compareVersions(b, a) || 0);
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it('agrees with lines: versions that compare equal are in the same line, whatever its length', () => {
    fc.assert(
      fc.property(version, version, fc.integer({ min: 1, max: 5 }), (a, b, components) => {
        if (compareVersions(a, b) === 0) expect(lineOf(a, components)).toBe(lineOf(b, components));
        if (lineOf(a, 5) === lineOf(b, 5)) expect(compareVersions(a, b)).toBe(0);
      }),
    );
  });

  it('refuses what is not a version', () => {
    expect(() => compareVersions('5.3', 'dev')).toThrow(RangeError);
    expect(() => lineOf(`\${revision}`, 2)).toThrow(RangeError);
  });
});
