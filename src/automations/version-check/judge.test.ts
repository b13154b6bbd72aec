import { describe, expect, it } from 'vitest';
import type { VersionCheckFacts, VersionCheckRules } from './facts.ts';
import { judge, targetLineIndex, type VerdictKind } from './judge.ts';
import { drag, factsOf, rulesOf, versions } from './testing.ts';

type Case = [string, Partial<VersionCheckFacts>, Partial<VersionCheckRules>, string];

const INTO_MAIN = { targetBranch: 'main' };

const CASES: Case[] = [
  ['a fix on its own line', {}, {}, 'same-line ok'],
  ['a patch release', { versions: versions('5.3.3', '5.3.2', '5.3.2') }, {}, 'same-line ok'],
  [
    'a branch older than the bump of its target',
    { ...INTO_MAIN, versions: versions('5.4.0', '5.5.0', '5.4.0') },
    {},
    'stale-base ok',
  ],
  [
    'a bump and nothing else',
    { ...INTO_MAIN, versions: versions('5.6.0', '5.5.0', '5.5.0'), changedPaths: ['VERSION', 'CHANGELOG.md'] },
    {},
    'version-bump ok',
  ],
  [
    'a bump together with code',
    { ...INTO_MAIN, versions: versions('5.6.0', '5.5.0', '5.5.0'), changedPaths: ['VERSION', 'src/a.ts'] },
    {},
    'foreign-version mismatch',
  ],
  [
    'a bump whose files are not known',
    { ...INTO_MAIN, versions: versions('5.6.0', '5.5.0', '5.5.0'), changedPaths: null },
    {},
    'foreign-version mismatch',
  ],
  [
    'a foreign version although nothing can be said about the base',
    { versions: versions('5.4.0', '5.3.2', null), changedPaths: ['src/a.ts'] },
    {},
    'foreign-version mismatch',
  ],
  [
    'commits of a newer line',
    { versions: versions('5.4.1', '5.3.2', '5.3.2'), drags: [drag('5.4')] },
    {},
    'backward-merge mismatch',
  ],
  [
    'commits of a newer line under the right version',
    { versions: versions('5.3.2', '5.3.2', '5.3.2'), drags: [drag('5.4')] },
    {},
    'backward-merge mismatch',
  ],
  [
    'commits of a newer line, versions unreadable',
    { versions: versions(null, null, null), drags: [drag('5.4')] },
    {},
    'backward-merge mismatch',
  ],
  [
    'a newer line itself',
    { versions: versions('5.5.0', '5.3.2', '5.3.2'), drags: [drag('5.5', { all: true })] },
    {},
    'backward-merge mismatch',
  ],
  ['a fix that is merged upward already', { drags: [drag('5.5', { all: true })] }, {}, 'merged-upward ok'],
  [
    'everything is in a newer line, but the version is unreadable',
    { versions: versions(null, '5.3.2', '5.3.2'), drags: [drag('5.5', { all: true })] },
    {},
    'unknown-version unknown',
  ],
  ['an unreadable source', { versions: versions(null, '5.3.2', '5.3.2') }, {}, 'unknown-version unknown'],
  ['an unreadable target', { versions: versions('5.3.2', null, '5.3.2') }, {}, 'unknown-version unknown'],
  [
    'a release branch merged forward that keeps the version',
    {
      sourceBranch: 'release/5.4',
      targetBranch: 'main',
      versions: versions('5.4.1', '5.5.0', '5.4.1'),
      drags: [drag('5.4')],
    },
    {},
    'forward-merge ok',
  ],
  [
    'a release branch merged forward that carries a version',
    {
      sourceBranch: 'release/5.3',
      targetBranch: 'release/5.4',
      versions: versions('5.3.2', '5.4.1', '5.2.9'),
      drags: [drag('5.3')],
    },
    {},
    'foreign-version mismatch',
  ],
  [
    'the same, with the version file kept by a merge driver',
    {
      sourceBranch: 'release/5.3',
      targetBranch: 'release/5.4',
      versions: versions('5.3.2', '5.4.1', '5.2.9'),
      drags: [drag('5.3')],
    },
    { excludeFiles: ['VERSION'] },
    'forward-merge ok',
  ],
  [
    'a fix cut from an older line',
    { targetBranch: 'release/5.4', versions: versions('5.3.2', '5.4.1', '5.3.2'), drags: [drag('5.3')] },
    {},
    'unwanted-forward-merge mismatch',
  ],
  [
    'the same, labelled as a forward merge',
    {
      targetBranch: 'release/5.4',
      labels: ['forward merge'],
      versions: versions('5.3.2', '5.4.1', '5.3.2'),
      drags: [drag('5.3')],
    },
    { forwardMergeLabel: 'forward merge' },
    'forward-merge ok',
  ],
  [
    'a forward merge where none is wanted',
    {
      sourceBranch: 'release/5.4',
      targetBranch: 'main',
      versions: versions('5.4.1', '5.5.0', '5.4.1'),
      drags: [drag('5.4')],
    },
    { forwardMerge: 'block' },
    'unwanted-forward-merge mismatch',
  ],
  [
    'commits of the newest line, aimed at the middle one',
    { targetBranch: 'release/5.4', versions: versions('5.4.1', '5.4.1', '5.4.1'), drags: [drag('5.5')] },
    {},
    'backward-merge mismatch',
  ],
  [
    'both directions at once: the newer commits count',
    { targetBranch: 'release/5.4', drags: [drag('5.3'), drag('5.5')], versions: versions('5.4.1', '5.4.1', '5.4.1') },
    {},
    'backward-merge mismatch',
  ],
  [
    'a target that is no line branch: its line is the one of its version',
    { targetBranch: 'integration', drags: [drag('5.4')], versions: versions('5.4.1', '5.3.2', '5.3.2') },
    {},
    'backward-merge mismatch',
  ],
  [
    'a target of no known line: only the versions speak',
    { targetBranch: 'old', drags: [drag('5.4')], versions: versions('4.9.0', '4.9.0', '4.9.0') },
    {},
    'same-line ok',
  ],
];

describe('the verdict', () => {
  it.each(CASES)('%s', (_, facts, rules, expected) => {
    const { kind, outcome, because } = judge(factsOf(facts), rulesOf(rules));
    expect(`${kind} ${outcome}`).toBe(expected);
    expect(because.length).toBeGreaterThan(0);
    expect(because.every(reason => reason.trim().endsWith('.'))).toBe(true);
  });

  it('of every kind is in the table', () => {
    const kinds = new Set(CASES.map(([, , , expected]) => expected.split(' ')[0]));
    const all: VerdictKind[] = [
      'backward-merge',
      'foreign-version',
      'forward-merge',
      'merged-upward',
      'same-line',
      'stale-base',
      'unknown-version',
      'unwanted-forward-merge',
      'version-bump',
    ];
    expect(kinds).toEqual(new Set(all));
  });

  it('names the line that the foreign commits come from', () => {
    const facts = factsOf({ drags: [drag('5.5', { lowest: '5.4' }), drag('5.4')] });
    expect(judge(facts, rulesOf()).because[0]).toContain('line 5.4');
  });
});

describe('the line of the target', () => {
  it.each([
    ['release/5.4', '5.3.2', 1],
    ['other', '5.3.2', 2],
    ['other', '4.0.0', -1],
    ['other', null, -1],
  ])('of %s at %s is number %i', (targetBranch, version, index) => {
    expect(targetLineIndex(factsOf({ targetBranch, versions: versions('5.3.2', version, null) }), rulesOf())).toBe(
      index,
    );
  });
});
