import { expect, test } from 'vitest';
import { decide } from './decide.ts';
import { facts, issueOnBoard, mergeRequest, RULES } from './testing.ts';
import { findWish } from './wish.ts';

const merged = { state: 'merged' } as const;
const closed = { state: 'closed' } as const;
const draft = { draft: true } as const;

test.each([
  ['one open', [mergeRequest(1)], 'In Review'],
  ['one merged', [mergeRequest(1, merged)], 'To Test'],
  ['one being merged', [mergeRequest(1, { state: 'locked' })], 'In Review'],
  ['a draft', [mergeRequest(1, draft)], 'In Development'],
  ['open beside merged', [mergeRequest(1), mergeRequest(2, merged)], 'In Review'],
  ['draft beside merged', [mergeRequest(1, draft), mergeRequest(2, merged)], 'In Development'],
  ['draft beside open', [mergeRequest(1, draft), mergeRequest(2)], 'In Review'],
  ['closed beside merged', [mergeRequest(1, closed), mergeRequest(2, merged)], 'To Test'],
  ['merged into a line', [mergeRequest(1, { ...merged, targetBranch: 'release/5.3' })], 'To Test 5.3'],
  [
    'cherry-picked into a line afterwards',
    [mergeRequest(1, merged), mergeRequest(2, { ...merged, targetBranch: 'release/5.3' })],
    'To Test',
  ],
  ['closed', [mergeRequest(1, closed)], 'previous'],
  ['none', [], 'previous'],
  ['merged and reverted', [mergeRequest(1, merged), mergeRequest(2, { ...merged, reverts: 1 })], 'previous'],
  ['merged, revert open', [mergeRequest(1, merged), mergeRequest(2, { reverts: 1 })], 'To Test'],
  [
    'merged, reverted, done again',
    [mergeRequest(1, merged), mergeRequest(2, { ...merged, reverts: 1 }), mergeRequest(3)],
    'In Review',
  ],
])('%s', (_name, linked, expected) => {
  for (const order of [linked, linked.toReversed()]) {
    const wish = findWish(order, RULES);
    expect(wish.kind === 'column' ? wish.column : wish.kind).toBe(expected);
  }
});

test('with `any`, the first merge is enough; without a column for drafts, they move nothing', () => {
  const both = [mergeRequest(1), mergeRequest(2, merged)];
  expect(findWish(both, { ...RULES, mergedWhen: 'any' })).toMatchObject({ column: 'To Test' });
  expect(findWish([mergeRequest(1, draft)], { ...RULES, draft: null }).kind).toBe('none');
  expect(findWish([mergeRequest(1, closed)], { ...RULES, closed: 'stay' }).kind).toBe('none');
});

test('one move takes every other column off and leaves other labels alone', () => {
  const { actions } = decide(
    facts({ labels: ['bug', 'To Do', 'In Development'], linked: [mergeRequest(1)] }),
    RULES,
    null,
    9e6,
  );
  expect(actions).toMatchObject([{ type: 'move', add: ['In Review'], remove: ['To Do', 'In Development'] }]);
});

test.each([
  ['the issue is gone', { found: false }, /does not exist/],
  ['it is there already', { labels: ['In Review'] }, /It is there already/],
  ['it is in Testing', { labels: ['Testing'] }, /do not let an issue leave Testing/],
  ['it is closed', { state: 'closed' as const }, /A closed issue is not moved/],
  ['the label does not exist', { existing: ['To Do'] }, /would create it/],
  ['it was never moved by us', { linked: [mergeRequest(1, closed)] }, /no merge request is left/i],
])('it stays and says why: %s', (_name, changes, why) => {
  const { actions, because } = decide(facts({ linked: [mergeRequest(1)], ...changes }), RULES, null, 9e6);
  expect(actions).toEqual([]);
  expect(because.join(' ')).toMatch(why);
});

test('two merge requests: one merged stays, the second merged moves', () => {
  const issue = issueOnBoard({ linked: [mergeRequest(1), mergeRequest(2)] });
  issue.look();
  issue.facts.linked = [mergeRequest(1, merged), mergeRequest(2)];
  expect(issue.look().actions).toEqual([]);
  expect(issue.columns()).toEqual(['In Review']);
  issue.facts.linked = [mergeRequest(1, merged), mergeRequest(2, merged)];
  issue.look();
  expect(issue.columns()).toEqual(['To Test']);
});

test('closed: back to where it was before our first move; reopened: In Review again', () => {
  const issue = issueOnBoard({ labels: ['In Development'], linked: [mergeRequest(1)] });
  issue.look();
  issue.facts.linked = [mergeRequest(1, closed)];
  issue.look();
  expect(issue.columns()).toEqual(['In Development']);
  issue.facts.linked = [mergeRequest(1)];
  issue.look();
  expect(issue.columns()).toEqual(['In Review']);
});

test("a person's move stays, and the decision names the person", () => {
  const issue = issueOnBoard({ linked: [mergeRequest(1)] });
  issue.look();
  issue.person('In Development');
  expect(issue.look().because.join(' ')).toMatch(/ada put it into In Development.*newer than our last move/);
  issue.facts.linked = [mergeRequest(1, merged)];
  expect(issue.look().actions).toEqual([]);
  expect(issue.columns()).toEqual(['In Development']);
});

test('before our first move, a person is respected who moved after what the merge requests ask for, not before', () => {
  const old = issueOnBoard({ linked: [mergeRequest(1, merged)] });
  old.person('In Development');
  expect(old.look().verdict).toBe('stays: moved by ada');
  const fresh = issueOnBoard({ linked: [mergeRequest(1, draft)] }, { ...RULES, draft: null });
  fresh.look();
  fresh.person('In Development');
  fresh.facts.linked = [mergeRequest(1)]; // made ready: GitLab does not date it, but we saw it change
  fresh.look();
  expect(fresh.columns()).toEqual(['In Review']);
});
