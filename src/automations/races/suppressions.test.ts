import { describe, expect, it } from 'vitest';
import { readSuppressions, suppressionOf } from './suppressions.ts';

const NOW = Date.UTC(2026, 10, 23);
const RACE = {
  fingerprint: 'abcdef0123456789abcdef0123456789',
  aliases: ['0123456789abcdef0123456789abcdef'],
  sites: ['acme.example/log.(*Level).Set', 'acme.example/log.(*Level).Get<main.run'],
};
const found = (yaml: string) => suppressionOf(readSuppressions(yaml).entries, RACE, NOW)?.reason ?? null;

it.each([
  ['- { site: "acme.example/log.(*Level).Set", reason: r, owner: ada }', 'r'],
  ['- { site: "acme.example/log.*", reason: r, owner: ada, until: 2027-01-15 }', 'r'],
  ['- { site: main.run, reason: r, owner: ada }', 'r'],
  ['- { race: abcdef01, reason: r, owner: ada }', 'r'],
  ['- { race: 0123456789, reason: an alias, owner: ada }', 'an alias'],
  ['suppress:\n  - { race: abcdef01, reason: r, owner: ada }', 'r'],
  ['- { site: "acme.example/other.*", reason: r, owner: ada }', null],
  ['- { race: abcdef01, site: main.other, reason: r, owner: ada }', null],
  ['', null],
])('%s', (yaml, reason) => {
  expect(found(yaml)).toBe(reason);
});

it('holds through the day named, and one that still holds goes before one that has ended', () => {
  const yaml = ['2026-11-22', '2026-11-23'].map(
    until => `- { site: main.run, reason: r ${until}, owner: ada, until: ${until} }`,
  );
  expect(found(yaml.join('\n'))).toBe('r 2026-11-23');
  expect(readSuppressions(yaml[1] ?? '').entries[0]?.until).toBe(Date.UTC(2026, 10, 24));
});

describe('a fault is told, and suppresses nothing', () => {
  it.each([
    ['- { site: "*", owner: ada }', /^entry 1: reason/],
    ['- { reason: r, owner: ada }', /^entry 1: must have race or site/],
    ['- { site: "*", reason: r, owner: ada, until: soon }', /^entry 1: until must be a day/],
    ['- { race: abc, reason: r, owner: ada }', /^entry 1: race must be a fingerprint/],
    ['- { site: "*", reason: r, owner: ada, untill: 2027-01-01 }', /^entry 1: /],
    ['a: [', /^it is not YAML: /],
    ['text', /^it must be a list/],
  ])('%s', (yaml, fault) => {
    const read = readSuppressions(yaml);
    expect(read.fault).toMatch(fault);
    expect(read.entries).toEqual([]);
  });

  it('and the other entries hold', () => {
    const read = readSuppressions('- { site: a }\n- { site: b, reason: r, owner: ada }');
    expect(read.entries).toHaveLength(1);
  });
});
