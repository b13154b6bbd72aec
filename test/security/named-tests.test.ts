import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const PAGE = new URL('../../docs/security.md', import.meta.url);

/** Measure and tests of each row of the table of measures. */
function rows(): { threat: string; tests: string[] }[] {
  const [, table = ''] = readFileSync(PAGE, 'utf8').split('| threat | measure | held by |\n');
  return table
    .split('\n\n')[0]!
    .split('\n')
    .slice(1)
    .map(row => {
      const [, threat = '', , tests = ''] = row.split(' | ').flatMap(cell => cell.split(/^\| /));
      return { threat, tests: [...tests.matchAll(/\]\((\.\.\/[^)]+)\)/g)].map(match => match[1]!) };
    });
}

it('names for every measure the tests that hold it, and each is there', () => {
  const all = rows();
  expect(all.length).toBeGreaterThan(14);
  for (const { threat, tests } of all) {
    expect([threat, tests.length > 0]).toEqual([threat, true]);
    for (const test of tests) {
      const file = fileURLToPath(new URL(test, PAGE));
      expect([test, existsSync(file)]).toEqual([test, true]);
      expect([test, /^ *(?:it|test|describe|fuzz)[.(]/m.test(readFileSync(file, 'utf8'))]).toEqual([test, true]);
    }
  }
});
