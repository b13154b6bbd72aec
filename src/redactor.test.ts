import { describe, expect, it } from 'vitest';
import { createRedactor, credentialsIn } from './redactor.ts';

const SECRET = 'a"secret\\with+every/thing=';

describe('a redactor', () => {
  const { clean } = createRedactor([SECRET]);
  const json = JSON.stringify({ detail: SECRET });

  it.each([
    ['as it is', `token ${SECRET}!`],
    ['in JSON', json],
    ['in JSON in JSON', JSON.stringify({ data: json })],
    ['in an address', `?q=${encodeURIComponent(SECRET)}`],
    ['in base64', Buffer.from(SECRET).toString('base64')],
    ['in base64url', Buffer.from(SECRET).toString('base64url')],
  ])('takes a secret out %s', (_how, text) => {
    expect(clean(text)).toContain('[secret]');
    expect(clean(text)).not.toMatch(/every|thing|YSJ/);
  });

  it('leaves nothing of a secret of which another is the beginning', () => {
    expect(createRedactor(['token', 'token-of-ops']).clean('with token-of-ops')).toBe('with [secret]');
  });

  it('leaves a text alone in which there is none, and does not look for what is no secret', () => {
    expect(createRedactor(['', 'abc', SECRET]).clean('abc and a secret')).toBe('abc and a secret');
  });
});

it('finds the credentials in the headers of a request', () => {
  const basic = Buffer.from('key:X').toString('base64');
  expect(credentialsIn({ 'PRIVATE-TOKEN': 'glpat', accept: 'application/json' })).toEqual(['glpat']);
  expect(credentialsIn({ authorization: `Basic ${basic}` })).toEqual([basic, 'key:X', 'key', 'X']);
  expect(credentialsIn({ authorization: 'Bearer  abc', 'user-agent': 'signalbox' })).toEqual(['abc']);
});
