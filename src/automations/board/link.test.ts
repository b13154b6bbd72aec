import { expect, test } from 'vitest';
import { type Candidate, linkCandidates } from './link.ts';
import type { ReferenceSource } from './mentioned-issues.ts';

const SHA = '0123456789abcdef0123456789abcdef01234567';
const ALL: ReferenceSource[] = ['title', 'description', 'branch', 'commits'];

function candidate(changes: Partial<Candidate> = {}): Candidate {
  return {
    project: 'acme/appliance',
    iid: 1,
    baseUrl: 'https://gitlab.example.com',
    title: 'Work',
    description: '',
    branch: 'fix/backup',
    commitMessages: [],
    state: 'opened',
    draft: false,
    targetBranch: 'main',
    mergeCommits: [],
    createdAt: 1000,
    mergedAt: null,
    closedAt: null,
    ...changes,
  };
}

function link(candidates: Candidate[], changes: Partial<Parameters<typeof linkCandidates>[1]> = {}) {
  const settings = { mentions: ['closes' as const, 'relates' as const, 'mentions' as const], references: ALL };
  return linkCandidates(candidates, { names: ['acme/appliance#1'], settings, memory: null, ...changes });
}

test.each<[string, Partial<Candidate>, ReferenceSource[], string | null]>([
  ['the title', { title: 'Fix backup, #1' }, ['title'], 'mentions'],
  ['the title, which is not read', { title: 'Fix backup, #1' }, ['description'], null],
  ['the description', { description: 'Closes #1' }, ['description'], 'closes'],
  ['code in the description', { description: '`Closes #1`' }, ['description'], null],
  ['a template comment', { description: '<!-- Closes #1 -->' }, ['description'], null],
  ['the branch', { branch: '1-fix-backup' }, ['branch'], 'relates'],
  ['the branch, which is not read', { branch: '1-fix-backup' }, ['title', 'description'], null],
  ['the branch of a fork', { branch: null }, ALL, null],
  ['a branch that begins with another number', { branch: '12-fix' }, ['branch'], null],
  ['a commit', { commitMessages: ['Tidy up', 'Fix it\n\nCloses acme/appliance#1'] }, ['commits'], 'closes'],
  ['a commit, which is not read', { commitMessages: ['Closes #1'] }, ['title', 'description'], null],
  ['the strongest of all', { title: 'For #1', branch: '1-fix', commitMessages: ['Fixes #1'] }, ALL, 'closes'],
])('%s', (_name, changes, references, keyword) => {
  const mentions = ['closes' as const, 'relates' as const, 'mentions' as const];
  const linked = link([candidate(changes)], { settings: { mentions, references } });
  expect(linked.map(each => each.keyword)).toEqual(keyword === null ? [] : [keyword]);
});

test.each<[string, string, string[]]>([
  ['by its number', 'This reverts merge request !1', ['acme/appliance!1']],
  ['by its full name', 'This reverts merge request acme/appliance!1.', ['acme/appliance!1']],
  ["by a neighbour's name", 'This reverts merge request appliance!1', ['acme/appliance!1']],
  [
    'by its address',
    'This reverts merge request https://gitlab.example.com/acme/appliance/-/merge_requests/1/diffs',
    ['acme/appliance!1'],
  ],
  ['of another project', 'This reverts merge request acme/lib-ssh!1', []],
  ['of another instance', 'This reverts merge request https://example.org/acme/appliance/-/merge_requests/1', []],
  ['of another number', 'This reverts merge request !12', []],
  ['by its merge commit', `Revert "Work"\n\nThis reverts commit ${SHA}.`, ['acme/appliance!1']],
  ['by a short merge commit', `This reverts commit ${SHA.slice(0, 8)}`, ['acme/appliance!1']],
  ['by another commit', `This reverts commit ${SHA.replace('0', '1')}`, []],
])('a revert named %s', (_name, description, reverts) => {
  const work = candidate({ title: 'Work on #1', state: 'merged', mergedAt: 2000, mergeCommits: [SHA] });
  const linked = link([work, candidate({ iid: 2, description })]);
  // It takes back what is linked, and so it is linked too, though it does not speak of the issue.
  expect(linked.flatMap(each => each.reverts)).toEqual(reverts);
  expect(linked.length).toBe(1 + reverts.length);
});

test('what spoke of the issue at the last look and does not any more counts in the past', () => {
  const memory = { known: [{ name: 'acme/appliance!1', since: 1500 }], lookedAt: 9000 };
  expect(link([candidate()], { memory })).toMatchObject([{ linkedAt: 1500, unlinkedAt: 9000 }]);
  expect(link([candidate()])).toEqual([]);
});

test('a link is never dated later than it may have begun', () => {
  const memory = { known: [], lookedAt: 9000 };
  expect(link([candidate({ title: 'For #1' })], { memory })).toMatchObject([{ linkedAt: 9000 }]);
  expect(link([candidate({ title: 'For #1', createdAt: 9500 })], { memory })).toMatchObject([{ linkedAt: 9500 }]);
  // GitLab lists it under the issue only if title or description speak of it: we may have missed these for long.
  expect(link([candidate({ branch: '1-fix' })], { memory })).toMatchObject([{ linkedAt: 1000 }]);
});

test('what is said of the issue by its former name is said of it', () => {
  const names = ['acme/lib-ssh#4', 'acme/appliance#1'];
  expect(link([candidate({ title: 'Closes #1' })], { names })).toMatchObject([{ keyword: 'closes', linkedAt: 1000 }]);
  expect(link([candidate({ title: 'Closes #4' })], { names })).toEqual([]);
});
