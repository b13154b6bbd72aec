import { expect, it } from 'vitest';
import { nearest } from './did-you-mean.ts';

const KNOWN = ['listen', 'public_url', 'data_dir', 'database', 'api_tokens', 'url'];

it.each([
  ['listn', 'listen'],
  ['lsiten', 'listen'],
  ['publicUrl', 'public_url'],
  ['public-url', 'public_url'],
  ['PUBLIC_URL', 'public_url'],
  ['datadir', 'data_dir'],
  ['data_base', 'database'],
  ['api_token', 'api_tokens'],
  ['ulr', 'url'],
])('%s means %s', (word, known) => {
  expect(nearest(word, KNOWN)).toBe(known);
});

it.each(['x', 'webhook', 'colour', '', 'q'.repeat(100_000)])('guesses nothing for a stranger', word => {
  expect(nearest(word, KNOWN)).toBeUndefined();
});
