import { expect, it } from 'vitest';
import { relevantTags } from './relevant-tags.ts';

const MODULES = [
  { dir: '', path: 'x.com/m' },
  { dir: 'sub/agent', path: 'x.com/m/sub/agent' },
];

it.each([
  ['v1.2.3', true],
  ['sub/agent/v1.2.3-rc.1', true],
  ['V1.2.3', true],
  ['v1', true],
  ['1.9.0', true],
  ['v1.2.3+build.5', true],
  ['v1.2.4/x', true],
  ['20240131', true],
  ['sub', true],
  ['sub/agent', true],
  ['build-000001', false],
  ['release-2024', false],
  ['subway', false],
  ['vendor/latest', false],
])('%s: %s', (name, matters) => {
  expect(relevantTags([{ name, peeled: 'x' }], MODULES)).toHaveLength(matters ? 1 : 0);
});
