import { expect, it } from 'vitest';
import { decide, type TokenFacts } from './decide.ts';

const NOW = Date.UTC(2026, 10, 28, 12);
const facts = (expiresAt: string | null, more: Partial<TokenFacts> = {}): TokenFacts => ({
  name: 'signalbox',
  expiresAt,
  told: true,
  ...more,
});

it.each([
  ['never ends', facts(null), 'good'],
  ['ends in a year', facts('2027-11-28'), 'good'],
  ['ends in a little over two weeks', facts('2026-12-13'), 'good'],
  ['ends in two weeks', facts('2026-12-12'), 'expires in 14 days'],
  ['ends tomorrow', facts('2026-11-29'), 'expires in 1 day'],
  ['ended this morning', facts('2026-11-28'), 'expired'],
  ['is not told', facts(null, { told: false }), 'not told'],
])('a token that %s', (_what, token, verdict) => {
  expect(decide(token, NOW)).toMatchObject({ verdict, actions: [], lookAgainAt: NOW + 86_400_000 });
});
