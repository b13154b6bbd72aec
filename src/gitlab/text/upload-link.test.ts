import { expect, it } from 'vitest';
import { uploadLink } from './upload-link.ts';

const SECRET = '0123456789abcdef0123456789abcdef';

it('links to an upload, relative so that it moves along with its issue', () => {
  expect(uploadLink('a [b].txt', `/uploads/${SECRET}/a__b_.txt`)).toBe(`[a \\[b\\].txt](/uploads/${SECRET}/a__b_.txt)`);
  expect(uploadLink('x.png', `/uploads/${SECRET}/x.png`, { embed: true })).toBe(`![x.png](/uploads/${SECRET}/x.png)`);
});

it.each(['https://evil.example/x', `/uploads/${SECRET}/x) [y](z`, '/uploads/short/x', `/uploads/${SECRET}/../../x`])(
  'makes no link to %s',
  url => {
    expect(uploadLink('x', url)).toBe('x');
  },
);
