import { describe, expect, it } from 'vitest';
import { extractFromBranch, extractFromTags } from './extract-from-name.ts';

describe('extractFromBranch', () => {
  it.each([
    ['release/(.+)', 'release/5.3', '5.3'],
    ['^release[/-](.+)$', 'release-5.3', '5.3'],
    ['^(\\d+-\\d+)-stable(?:-ee)?$', '5-3-stable-ee', '5.3'],
    ['^REL_(.+)_STABLE$', 'REL_16_STABLE', '16'],
    ['^(.+)$', '5.3.x', '5.3'],
    ['^(.+)$', '1.x', '1'],
    ['^(.+)$', 'v5.3', '5.3'],
    ['^release/(.+)$', 'release/5.10', '5.10'],
  ])('%s on %s', (pattern, branch, version) => {
    expect(extractFromBranch({ pattern }, branch)).toMatchObject({ ok: true, version });
  });

  it.each([
    ['release/(.+)', 'main', 'no-match'],
    ['release/(.+)', 'release/next', 'not-a-version'],
    ['release/(.+)', 'release/`@all`/close', 'not-a-version'],
  ])('%s on %s: nothing', (pattern, branch, reason) => {
    expect(extractFromBranch({ pattern }, branch)).toMatchObject({ ok: false, reason });
  });
});

describe('extractFromTags', () => {
  const pattern = '^v(.+)$';

  it('takes the highest as numbers, not as text and not the last', () => {
    expect(extractFromTags({ pattern }, ['v5.9.0', 'v5.10.0', 'v5.2.0', 'nightly', 'v-broken'])).toMatchObject({
      version: '5.10.0',
    });
  });

  it('says why there is none', () => {
    expect(extractFromTags({ pattern }, [])).toMatchObject({ ok: false, reason: 'not-found' });
    expect(extractFromTags({ pattern }, ['nightly', 'vNext'])).toMatchObject({ ok: false, reason: 'no-match' });
  });

  it('copes with a repository full of tags', () => {
    const tags = Array.from({ length: 20_000 }, (_, index) => `v1.${index}.0`);
    expect(extractFromTags({ pattern }, tags)).toMatchObject({ version: '1.19999.0' });
  });
});
