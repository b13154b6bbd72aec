import { describe, expect, it } from 'vitest';
import { decideAudit } from './decide.ts';
import type { AuditedModule, AuditFacts } from './facts.ts';

const NOW = Date.parse('2026-11-23T14:00:00Z');

const MODULE: AuditedModule = {
  path: 'x.com/m',
  dir: '',
  fault: null,
  latest: 'v1.4.2',
  lookAlikes: [],
  unusable: [],
  notCommits: [],
  stray: null,
  due: null,
};

function facts(more: Partial<AuditFacts> = {}, module: Partial<AuditedModule> = {}): AuditFacts {
  return {
    project: 'acme/lib-ssh',
    projectId: 2,
    state: 'there',
    defaultBranch: 'main',
    head: 'a'.repeat(40),
    headTime: NOW - 10 * 60_000,
    tagCount: 9,
    unseen: 0,
    moved: [],
    removed: [],
    modules: [{ ...MODULE, ...module }],
    ...more,
  };
}

describe('the audit', () => {
  it('is content with a library in order', () => {
    expect(decideAudit(facts(), NOW)).toMatchObject({ verdict: 'in order', actions: [] });
  });

  it.each([
    [
      facts({ moved: [{ name: 'v1.0.0', from: 'a'.repeat(40), to: 'b'.repeat(40) }] }),
      /^v1\.0\.0 was moved from a{10} to b{10}/,
    ],
    [facts({ removed: [{ name: 'v1.0.0', peeled: 'a'.repeat(40) }] }), /^v1\.0\.0 was deleted \(it was on a{10}\)/],
    [facts({}, { fault: 'go.mod has no module directive' }), /^No version of x\.com\/m can be used: go\.mod/],
    [facts({}, { lookAlikes: ['v1.5'] }), /^Go does not see v1\.5 as/],
    [facts({}, { unusable: ['v2.0.0'] }), /^Go ignores v2\.0\.0, because/],
    [facts({}, { notCommits: ['v1.9.0'] }), /^v1\.9\.0 is not on a commit/],
    [facts({}, { stray: 'v1.9.0', latest: 'v1.9.0' }), /^v1\.9\.0 is on a commit that main does not have/],
    [
      facts({ headTime: NOW - 2 * 60 * 60_000 }, { due: 'v1.4.3' }),
      /^main has had no version for over an hour; it should be v1\.4\.3\.$/,
    ],
  ])('finds %#', (found, sentence) => {
    const { verdict, because, actions } = decideAudit(found, NOW);
    expect(verdict).toBe('1 finding');
    expect(because).toEqual([expect.stringMatching(sentence)]);
    expect(actions).toEqual([]);
  });

  it('waits an hour before it misses a version', () => {
    expect(decideAudit(facts({}, { due: 'v1.4.3' }), NOW).verdict).toBe('in order');
  });

  it.each([
    [NOW, '2026-11-24T03:14:00.000Z'],
    [Date.parse('2026-11-24T01:00:00Z'), '2026-11-24T03:14:00.000Z'],
    [Date.parse('2026-11-24T03:14:00Z'), '2026-11-25T03:14:00.000Z'],
  ])('looks again in the next night', (now, next) => {
    expect(new Date(decideAudit(facts(), now).lookAgainAt ?? 0).toISOString()).toBe(next);
  });

  it('ends where the project is no library any more', () => {
    expect(decideAudit(facts({ state: 'not configured' }), NOW).lookAgainAt).toBeUndefined();
    expect(decideAudit(facts({ state: 'not found' }), NOW).lookAgainAt).toBeGreaterThan(NOW);
  });
});
