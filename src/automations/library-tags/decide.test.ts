import { afterAll, describe, expect, it } from 'vitest';
import { createTestRepository, type TestRepository } from '../../git-protocol/testing/git-repository.ts';
import { decide } from './decide.ts';
import type { Decision, Policy, Snapshot } from './snapshot.ts';
import { type Operation, playScenario } from './testing/scenario.ts';
import { snapshotByGit } from './testing/snapshot-by-git.ts';

const MOD = { 'go.mod': 'module gitlab.example.com/libs/x\n' };
const V2 = { 'go.mod': 'module gitlab.example.com/libs/x/v2\n' };
const START: Operation = ['c', 'x', MOD];
const FIX: Operation = ['c', 'fix: y'];

interface Case {
  title: string;
  ops: Operation[];
  expected: Partial<Decision>;
  says?: string;
  warns?: string;
  policy?: Policy;
  facts?: Partial<Snapshot>;
  /** Runs for this many commits before the last one. */
  back?: number;
  branch?: string;
  dir?: string;
}

const CASES: Case[] = [
  {
    title: 'an unlikely large number is counted on exactly',
    ops: [START, ['t', 'v1.99999999999999999999.0'], FIX],
    expected: { action: 'create', tag: 'v1.99999999999999999999.1', base: 'v1.99999999999999999999.0', bump: 'patch' },
  },
  {
    title: 'an existing tag wins over a skip marker, so that a retried job is the same',
    ops: [START, ['c', 'docs: z [skip release]'], ['t', 'v1.0.0']],
    expected: { action: 'exists', tag: 'v1.0.0' },
  },
  {
    title: 'the highest of two tags on the commit',
    ops: [START, ['t', 'v1.0.9'], ['t', 'v1.0.10']],
    expected: { action: 'exists', tag: 'v1.0.10' },
  },
  {
    title: 'a pre-release on the commit is no release of it',
    ops: [START, ['t', 'v1.2.3'], FIX, ['t', 'v1.3.0-rc.1']],
    expected: { action: 'create', tag: 'v1.2.4', base: 'v1.2.3' },
  },
  {
    title: 'a pre-release alone is no base',
    ops: [START, ['t', 'v1.0.0-rc.1'], FIX],
    expected: { action: 'create', tag: 'v0.0.1', base: null, bump: null },
  },
  {
    title: 'look-alikes of pseudo-versions are no base',
    ops: [START, ['t', 'v1.2.3'], ['t', 'v1.5.0-0.20191109021931-daa7c04131f5'], FIX],
    expected: { action: 'create', tag: 'v1.2.4' },
  },
  {
    title: 'numbers that only look taken are passed over',
    ops: [START, ['t', 'v1.2.3'], FIX, ['t', 'V1.2.4'], ['t', '1.2.5'], ['t', 'v1.02.6'], ['t', 'v1.2.7+x'], FIX],
    expected: { action: 'create', tag: 'v1.2.8' },
    warns: 'not versions, and left alone: 1.2.5, V1.2.4, v1.02.6, v1.2.7+x',
  },
  {
    title: 'a ref that is a directory of others is passed over',
    ops: [START, ['t', 'v1.2.3'], ['t', 'v1.2.4/docs'], FIX],
    expected: { action: 'create', tag: 'v1.2.5' },
  },
  {
    title: 'a deleted number stays burnt',
    ops: [START, ['t', 'v1.2.3'], FIX],
    facts: { ledger: ['v1.2.3', 'v1.2.4', 'v1.2.5'] },
    expected: { action: 'create', tag: 'v1.2.6', base: 'v1.2.3' },
    says: 'v1.2.4, v1.2.5 are or was taken',
  },
  {
    title: 'the number of another branch is taken, and go will prefer it',
    ops: [START, ['t', 'v1.2.3'], ['b', 'other'], FIX, ['t', 'v1.2.4'], ['t', 'v1.8.0'], ['co', 'main'], FIX],
    expected: { action: 'create', tag: 'v1.2.5', base: 'v1.2.3' },
    warns: '@latest will give v1.8.0',
  },
  {
    title: 'an orphan branch is no base',
    ops: [START, ['t', 'v1.2.3'], ['orphan', 'lost'], ['c', 'alone'], ['t', 'v1.8.0'], ['co', 'main'], FIX],
    expected: { action: 'create', tag: 'v1.2.4' },
  },
  {
    title: 'a late pipeline two releases behind names the first that contains it',
    ops: [START, ['t', 'v1.2.3'], FIX, FIX, ['t', 'v1.2.4'], FIX, ['t', 'v1.2.5'], ['ciback']],
    back: 2,
    expected: { action: 'contained', tag: null, base: 'v1.2.3', containedIn: 'v1.2.4' },
  },
  {
    title: 'every-commit tags a late commit, and says what is wrong with it',
    ops: [START, ['t', 'v1.2.3'], FIX, FIX, ['t', 'v1.2.4'], ['ciback']],
    back: 1,
    policy: { bump: 'patch', late: 'every-commit' },
    expected: { action: 'create', tag: 'v1.2.5', base: 'v1.2.3' },
    warns: 'v1.2.5 has less than the lower v1.2.4',
  },
  {
    title: 'a late commit of a library without an earlier release',
    ops: [START, FIX, ['t', 'v0.0.1'], ['ciback']],
    back: 1,
    expected: { action: 'contained', containedIn: 'v0.0.1', base: null },
  },
  {
    title: 'another branch',
    ops: [START],
    branch: 'feature/x',
    expected: { action: 'skip' },
    says: 'feature/x is neither',
  },
  {
    title: 'no branch at all',
    ops: [START],
    facts: { branch: null },
    expected: { action: 'skip' },
    says: 'not the update of a branch',
  },
  {
    title: 'a commit that was rewritten away',
    ops: [START],
    facts: { onBranch: false },
    expected: { action: 'skip' },
    says: 'no longer on main',
  },
  {
    title: 'release line: the next patch of the line',
    ops: [
      START,
      ['t', 'v1.4.2'],
      ['b', 'release/1.4'],
      FIX,
      ['co', 'main'],
      FIX,
      ['t', 'v1.5.0'],
      ['co', 'release/1.4'],
      FIX,
    ],
    branch: 'release/1.4',
    expected: { action: 'create', tag: 'v1.4.3', base: 'v1.4.2', bump: 'patch', warnings: [] },
  },
  {
    title: 'release line: contained in a higher line is no obstacle',
    ops: [
      START,
      ['t', 'v1.4.2'],
      ['b', 'release/1.4'],
      FIX,
      ['co', 'main'],
      ['m', 'release/1.4'],
      ['t', 'v1.5.0'],
      ['co', 'release/1.4'],
    ],
    branch: 'release/1.4',
    expected: { action: 'create', tag: 'v1.4.3', base: 'v1.4.2' },
  },
  {
    title: 'release line: its first version',
    ops: [START, ['t', 'v1.3.9'], ['b', 'release/1.4'], FIX],
    branch: 'release/1.4',
    expected: { action: 'create', tag: 'v1.4.0', base: 'v1.3.9', bump: 'minor' },
  },
  {
    title: 'release line: a feature stays a patch',
    ops: [START, ['t', 'v1.4.2'], ['b', '1.4.x'], ['c', 'feat: not here']],
    branch: '1.4.x',
    policy: { bump: 'conventional' },
    expected: { action: 'create', tag: 'v1.4.3', bump: 'patch' },
    warns: 'v1.4.x takes only a patch',
  },
  {
    title: 'release line: not with the content of a later one',
    ops: [
      START,
      ['t', 'v1.4.2'],
      ['b', 'release/1.4'],
      FIX,
      ['co', 'main'],
      FIX,
      ['t', 'v1.5.0'],
      ['co', 'release/1.4'],
      ['m', 'main'],
    ],
    branch: 'release/1.4',
    expected: { action: 'refuse', tag: null },
    says: 'the commit contains v1.5.0, so it cannot have a lower version of v1.4.x',
  },
  {
    title: 'release line of a whole major',
    ops: [
      START,
      ['t', 'v1.9.5'],
      ['b', 'v1'],
      ['co', 'main'],
      ['c', 'feat!: v2', V2],
      ['t', 'v2.0.0'],
      ['co', 'v1'],
      FIX,
    ],
    branch: 'v1',
    expected: { action: 'create', tag: 'v1.9.6', base: 'v1.9.5' },
  },
  {
    title: 'release line of a major that the module does not have',
    ops: [START, ['b', 'release/2.1'], FIX],
    branch: 'release/2.1',
    expected: { action: 'refuse' },
    says: 'go mod edit -module gitlab.example.com/libs/x/v2',
  },
  {
    title: 'the default branch is warned off a line that has a branch',
    ops: [START, ['t', 'v1.4.0'], FIX],
    facts: { branches: ['release/1.4', 'main'] },
    expected: { action: 'create', tag: 'v1.4.1' },
    warns: 'v1.4.1 lies in the line of the branch release/1.4',
  },
  {
    title: 'a breaking change needs another module path first',
    ops: [START, ['t', 'v1.2.3'], ['c', 'feat!: break']],
    policy: { bump: 'conventional' },
    expected: { action: 'refuse', base: 'v1.2.3', bump: 'major', tag: null },
    says: 'go mod edit -module gitlab.example.com/libs/x/v2',
  },
  {
    title: 'v2 to v3 likewise',
    ops: [['c', 'x', V2], ['t', 'v2.0.3'], FIX],
    policy: { bump: 'major' },
    expected: { action: 'refuse' },
    says: 'go mod edit -module gitlab.example.com/libs/x/v3',
  },
  {
    title: 'without Go a major needs nothing',
    ops: [
      ['c', 'x'],
      ['t', 'v1.2.3'],
      ['c', 'feat!: break'],
    ],
    policy: { bump: 'conventional' },
    expected: { action: 'create', tag: 'v2.0.0', bump: 'major' },
  },
  {
    title: 'v2 tags of a module without /v2 are refused when there is no other',
    ops: [START, ['t', 'v2.3.0'], FIX],
    expected: { action: 'refuse', base: 'v2.3.0' },
    says: 'go mod edit -module gitlab.example.com/libs/x/v2',
  },
  {
    title: 'v2 tag by mistake: v1 goes on, with the remedy',
    ops: [START, ['t', 'v1.9.4'], FIX, ['t', 'v2.0.0'], FIX],
    expected: { action: 'create', tag: 'v1.9.5', base: 'v1.9.4' },
    warns: 'go ignores v2.0.0',
  },
  {
    title: 'from v0 to v1 by hand',
    ops: [START, ['t', 'v0.9.3'], FIX],
    policy: { bump: 'major' },
    expected: { action: 'create', tag: 'v1.0.0', base: 'v0.9.3', bump: 'major' },
  },
  {
    title: 'an illegal module path',
    ops: [['c', 'x', { 'go.mod': 'module gitlab.example.com/libs/x/v1\n' }]],
    expected: { action: 'refuse' },
    says: 'go mod edit -module gitlab.example.com/libs/x',
  },
  {
    title: 'a go.mod without a module',
    ops: [['c', 'x', { 'go.mod': 'go 1.19\n' }]],
    expected: { action: 'refuse' },
    says: 'no module directive',
  },
  {
    title: 'a module in a directory has its own numbers',
    ops: [
      ['c', 'x', { ...MOD, 'sub/go.mod': 'module gitlab.example.com/libs/x/sub\n' }],
      ['t', 'v1.0.0'],
      ['t', 'sub/v0.3.0'],
      FIX,
    ],
    dir: 'sub',
    expected: { action: 'create', tag: 'sub/v0.3.1', base: 'sub/v0.3.0' },
  },
  {
    title: 'a major subdirectory is not in the tag',
    ops: [['c', 'x', { 'sub/v3/go.mod': 'module gitlab.example.com/libs/x/sub/v3\n' }], ['t', 'sub/v2.4.0'], FIX],
    dir: 'sub/v3',
    expected: { action: 'create', tag: 'sub/v3.0.0', base: 'sub/v2.4.0', bump: 'major' },
  },
  {
    title: 'a module without a change needs no version',
    ops: [['c', 'x', { 'sub/go.mod': 'module gitlab.example.com/libs/x/sub\n' }], ['t', 'sub/v0.3.0'], FIX],
    dir: 'sub',
    facts: { module: { dir: 'sub', path: 'gitlab.example.com/libs/x/sub', changed: false } },
    expected: { action: 'skip', base: 'sub/v0.3.0' },
    says: 'nothing in module gitlab.example.com/libs/x/sub changed since sub/v0.3.0',
  },
  {
    title: 'a tag that is in the way of the whole directory',
    ops: [['c', 'x', { 'sub/go.mod': 'module gitlab.example.com/libs/x/sub\n' }], ['t', 'sub'], FIX],
    dir: 'sub',
    expected: { action: 'refuse' },
    says: 'a tag named "sub" exists',
  },
  {
    title: 'test data has no releases',
    ops: [['c', 'x', { 'testdata/a/go.mod': 'module a\n' }]],
    dir: 'testdata/a',
    expected: { action: 'skip' },
  },
  {
    title: 'a label of the merge request raises the bump',
    ops: [START, ['t', 'v1.2.3'], FIX],
    facts: { mergeRequest: { reference: 'acme/x!1', title: '', description: '', labels: ['Release::Minor'] } },
    expected: { action: 'create', tag: 'v1.3.0', bump: 'minor' },
    says: 'the merge request has the label "Release::Minor"'.toLowerCase(),
  },
  {
    title: 'a label never lowers it',
    ops: [START, ['t', 'v1.2.3'], ['c', 'feat: y']],
    policy: { bump: 'conventional' },
    facts: { mergeRequest: { reference: 'acme/x!1', title: '', description: '', labels: ['release::patch'] } },
    expected: { action: 'create', tag: 'v1.3.0' },
  },
  {
    title: 'a label suppresses the tag',
    ops: [START, ['t', 'v1.2.3'], FIX],
    facts: { mergeRequest: { reference: 'acme/x!1', title: '', description: '', labels: ['release::none'] } },
    expected: { action: 'skip' },
    says: 'label "release::none"',
  },
  {
    title: 'a trailer anywhere since the base raises the bump',
    ops: [START, ['t', 'v1.2.3'], ['c', 'one\n\nRelease: minor\n'], FIX],
    expected: { action: 'create', tag: 'v1.3.0' },
  },
  {
    title: 'a trailer before the base does not',
    ops: [['c', 'one\n\nRelease: minor\n', MOD], ['t', 'v1.2.3'], FIX],
    expected: { action: 'create', tag: 'v1.2.4' },
  },
  {
    title: 'the next commit after a skipped one has a version',
    ops: [START, ['t', 'v1.2.3'], ['c', 'docs [skip release]'], FIX],
    expected: { action: 'create', tag: 'v1.2.4' },
  },
  {
    title: 'a merge brings the whole branch: the feature on it counts',
    ops: [START, ['t', 'v1.2.3'], ['b', 'topic'], ['c', 'feat: t'], ['co', 'main'], FIX, ['m', 'topic']],
    policy: { bump: 'conventional' },
    expected: { action: 'create', tag: 'v1.3.0' },
  },
  {
    title: 'a revert of a revert brings the feature back',
    ops: [START, ['t', 'v1.2.3'], ['c', 'feat: a'], ['revert'], ['revert']],
    policy: { bump: 'conventional' },
    expected: { action: 'create', tag: 'v1.3.0' },
  },
  {
    title: 'the first version by policy',
    ops: [START],
    policy: { bump: 'patch', first: 'v0.1.0' },
    expected: { action: 'create', tag: 'v0.1.0', base: null, bump: null },
  },
  {
    title: 'a first version that is none',
    ops: [START],
    policy: { bump: 'patch', first: 'latest' },
    expected: { action: 'refuse' },
    says: '"latest" is not a release',
  },
  {
    title: 'a first version that the module cannot have',
    ops: [START],
    policy: { bump: 'patch', first: 'v2.0.0' },
    expected: { action: 'refuse' },
    says: 'go mod edit -module gitlab.example.com/libs/x/v2',
  },
  {
    title: 'versions without v are not for Go',
    ops: [START],
    policy: { bump: 'patch', bare: true },
    expected: { action: 'refuse' },
  },
  {
    title: 'an answer that is missing is never guessed',
    ops: [START, ['t', 'v1.2.3'], FIX],
    facts: { relations: {} },
    expected: { action: 'refuse', tag: null },
    says: 'not known whether the commit contains v1.2.3',
  },
];

const repositories: TestRepository[] = [];
afterAll(() => {
  for (const repository of repositories) repository.remove();
});

describe('decide', () => {
  it.each(CASES)('$title', ({ ops, expected, says, warns, policy, facts, back, branch, dir }) => {
    const repository = createTestRepository();
    repositories.push(repository);
    const commit = playScenario(repository, ops, back);
    const more = { ...(branch ? { branch } : {}), ...(dir === undefined ? {} : { dir }) };
    const snapshot = { ...snapshotByGit(repository, commit, more), ...facts };
    const decision = decide(snapshot, policy ?? { bump: 'patch' });
    expect(decision).toMatchObject({ commit, ...expected });
    if (says) expect(decision.reasons.join('\n')).toContain(says);
    if (warns) expect(decision.warnings.join('\n')).toContain(warns);
    expect(decision.reasons.length).toBeGreaterThan(0);
  });
});
