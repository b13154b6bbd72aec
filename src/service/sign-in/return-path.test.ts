import { expect, it } from 'vitest';
import { returnPath } from './return-path.ts';

it.each([
  ['/', '/'],
  ['/releases?product=a#top', '/releases?product=a#top'],
  ['/explain?key=issue%3Aacme%2Fappliance%231', '/explain?key=issue%3Aacme%2Fappliance%231'],
  ['/a/../b', '/b'],
])('%s is a path of ours', (wanted, expected) => {
  expect(returnPath(wanted)).toBe(expected);
});

it.each([
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '/\n//evil.example',
  '\\\\evil.example',
  'javascript:alert(1)',
  ' /releases',
  '/..//evil.example',
  '/sign-in/link/abc',
  '',
  undefined,
  ['/releases'],
])('%j leads nowhere else', wanted => {
  expect(returnPath(wanted)).toBe('/');
});
