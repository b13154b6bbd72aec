import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { errorReference } from './error-reference.ts';

it('docs/errors.md is up to date (npm run docs)', () => {
  expect(readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')).toBe(errorReference());
});
