import { expect, test } from 'vitest';
import { decide } from './decide.ts';
import { facts, issueOnBoard, mergeRequest, RULES } from './testing.ts';
import { findWish } from './wish.ts';

const ONE = ['acme/appliance!1'];
const TWO = ['acme/appliance!2'];

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
  ['merged and reverted', [mergeRequest(1, merged), mergeRequest(2, { ...merged, reverts: ONE })], 'previous'],
  ['merged, revert open', [mergeRequest(1, merged), mergeRequest(2, { reverts: ONE })], 'To Test'],
  [
    'merged, reverted, and the revert reverted',
    [
      mergeRequest(1, merged),
      mergeRequest(2, { ...merged, reverts: ONE }),
      mergeRequest(3, { ...merged, reverts: TWO }),
    ],
    'To Test',
  ],
  ['a revert of something else', [mergeRequest(2, { ...merged, reverts: ONE })], 'To Test'],
  [
    'merged, reverted, done again',
    [mergeRequest(1, merged), mergeRequest(2, { ...merged, reverts: ONE }), mergeRequest(3)],
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

test('closed: back to where people had left it; reopened: In Review again', () => {
  const issue = issueOnBoard({ labels: ['In Development'], linked: [mergeRequest(1)] });
  issue.look();
  issue.facts.linked = [mergeRequest(1, closed)];
  issue.look();
  expect(issue.columns()).toEqual(['In Development']);
  issue.facts.linked = [mergeRequest(1)];
  issue.look();
  expect(issue.columns()).toEqual(['In Review']);
});

const move = (state: 'opened' | 'merged' | 'closed' = 'opened') => ({ state, draft: false });

test("a person's move stands, with the reason, until the merge requests ask for something new", () => {
  const issue = issueOnBoard();
  issue.turn(1, move());
  issue.look();
  issue.person('In Development');
  expect(issue.look()).toMatchObject({
    verdict: 'stays: moved by ada',
    because: [
      'acme/appliance!1 is open.',
      'ada put it into In Development, and the merge requests have asked for nothing new since then.',
    ],
  });
  issue.turn(2, move());
  expect(issue.look().verdict).toBe('stays: moved by ada');
  issue.turn(1, move('merged'));
  expect(issue.look().verdict).toBe('stays: moved by ada');
  issue.turn(2, move('merged'));
  expect(issue.look().verdict).toBe('moves to To Test');
});

test.each([
  ['a person moved after the merge', ['merge', 'person'], 'In Development'],
  ['the merge came after the person moved', ['person', 'merge'], 'To Test'],
  ['closed and opened again after the person moved', ['person', 'close', 'open'], 'In Review'],
  ['made a draft and ready again after the person moved', ['person', 'draft', 'ready'], 'In Review'],
  ['made a draft and ready again before the person moved', ['draft', 'ready', 'person'], 'In Development'],
  ['the reference was taken out after the person moved', ['person', 'unlink'], 'In Development'],
  ['the reference was taken out before the person moved', ['unlink', 'person'], 'In Development'],
])('%s: the same whether we looked each time, only at the end, or forgot all', (_name, steps, expected) => {
  for (const looking of [true, false, 'forgetting']) {
    const issue = issueOnBoard();
    const play: Record<string, () => void> = {
      person: () => issue.person('In Development'),
      merge: () => issue.turn(1, move('merged')),
      close: () => issue.turn(1, move('closed')),
      open: () => issue.turn(1, move()),
      draft: () => issue.turn(1, { draft: true }),
      ready: () => issue.turn(1, { draft: false }),
      unlink: () => issue.turn(1, { unlinkedAt: issue.tick() }),
    };
    issue.turn(1, move());
    issue.look();
    for (const step of steps) {
      play[step]?.();
      if (looking === true) issue.look();
    }
    // A reference that is gone leaves no trace but in the memory.
    if (looking === 'forgetting' && !steps.includes('unlink')) issue.forget();
    issue.look();
    expect(issue.columns()).toEqual([expected]);
    expect(issue.look().actions).toEqual([]);
  }
});

test('before our first move, a person is respected who moved after what the merge requests ask for, not before', () => {
  const old = issueOnBoard({ linked: [mergeRequest(1, merged)] });
  old.person('In Development');
  expect(old.look().verdict).toBe('stays: moved by ada');
  const fresh = issueOnBoard({}, { ...RULES, draft: null });
  fresh.turn(1, { draft: true });
  fresh.look();
  fresh.person('In Development');
  fresh.turn(1, { draft: false });
  fresh.look();
  expect(fresh.columns()).toEqual(['In Review']);
});

test('a merge request that was deleted changes the wish at the last look, of which no other trace is left', () => {
  const issue = issueOnBoard();
  issue.turn(1, move());
  issue.look();
  issue.person('In Development');
  issue.look();
  issue.facts.linked = [];
  issue.facts.gone = ONE;
  expect(issue.look().verdict).toBe('in In Development');
});

test('none left: back to where people have left it, through moves of ours and theirs', () => {
  const issue = issueOnBoard();
  issue.turn(1, move());
  issue.look();
  issue.person('In Development');
  issue.turn(1, { draft: true });
  issue.turn(1, { draft: false });
  issue.look();
  expect(issue.columns()).toEqual(['In Review']);
  issue.turn(1, move('closed'));
  issue.look();
  expect(issue.columns()).toEqual(['In Development']);
});

test.each([
  ['', false],
  [', whichever label GitLab noted first', true],
])('when our move and that of a person cross, ours is taken off again%s', (_name, turned) => {
  const issue = issueOnBoard();
  issue.turn(1, move());
  issue.person('In Development');
  if (turned) issue.facts.events = issue.facts.events.toReversed().map((event, index) => ({ ...event, id: index + 1 }));
  issue.facts.labels.push('In Review');
  issue.facts.events.push({ id: 99, action: 'add', column: 'In Review', ours: true, by: 'bot', at: issue.tick() });
  expect(issue.look()).toMatchObject({
    verdict: 'stays: moved by ada',
    actions: [{ summary: 'take In Review off acme/appliance#1', add: [], remove: ['In Review'] }],
  });
  expect(issue.columns()).toEqual(['In Development']);
  expect(issue.look().actions).toEqual([]);
});

test('two columns that a person has put on are left to the person', () => {
  const issue = issueOnBoard();
  issue.turn(1, move());
  issue.look();
  issue.facts.labels.push('Testing');
  issue.facts.events.push({ id: 99, action: 'add', column: 'Testing', ours: false, by: 'ada', at: issue.tick() });
  expect(issue.look().actions).toEqual([]);
});

test('our last move is taken back once, and that stands like a move by hand', () => {
  const issue = issueOnBoard({ labels: ['In Development'] });
  issue.turn(1, move());
  issue.look();
  issue.facts.undo = { by: 'ada', after: issue.facts.events.at(-1)!.id };
  expect(issue.look()).toMatchObject({
    verdict: 'goes back: ada takes our last move back',
    actions: [{ type: 'undo', add: ['In Development'], remove: ['In Review'] }],
  });
  expect(issue.look().because.join(' ')).toMatch(/ada took our last move back, and the merge requests have asked/);
  issue.forget();
  expect(issue.look().actions).toEqual([]);
  expect(issue.columns()).toEqual(['In Development']);
  issue.turn(1, move('merged'));
  issue.look();
  expect(issue.columns()).toEqual(['To Test']);
  expect(issue.look().actions).toEqual([]);
});

test('a move is not taken back when a person has moved the issue since, or the column is no more', () => {
  const issue = issueOnBoard();
  issue.turn(1, move());
  issue.look();
  issue.facts.undo = { by: 'ada', after: issue.facts.events.at(-1)!.id };
  const gone = decide({ ...issue.facts, existing: ['In Review'] }, RULES, null, 9e6);
  expect(gone).toMatchObject({ verdict: 'stays: there is no label To Do', actions: [] });
  issue.person('In Development');
  expect(issue.look()).toMatchObject({ verdict: 'stays: moved by ada', actions: [] });
});

const CLOSED = { state: 'closed' as const, closing: { at: 9e5, by: 'ada', mergeRequest: 'acme/appliance!1' } };
const REOPEN = { ...RULES, reopen: true };

test('closed by the merge: opened again into To Test with one request, and not once more', () => {
  const issue = issueOnBoard({ ...CLOSED, labels: ['In Review'], linked: [mergeRequest(1, merged)] }, REOPEN);
  expect(issue.look()).toMatchObject({
    verdict: 'opens again, moves to To Test',
    because: ['acme/appliance!1 is merged.', 'acme/appliance!1 closed it, no person did.'],
    actions: [
      {
        summary: 're-open acme/appliance#1 and move it to To Test',
        add: ['To Test'],
        remove: ['In Review'],
        reopen: true,
      },
    ],
  });
  expect(issue.look().actions).toEqual([]);
});

test.each([
  ['without the setting', {}, RULES, 'A closed issue is not moved.'],
  [
    'closed by a person',
    { closing: { at: 9e5, by: 'ada', mergeRequest: null } },
    REOPEN,
    'ada closed it, no merge did',
  ],
  ['nobody knows by whom', { closing: null }, REOPEN, 'who closed it is not known'],
])('it stays closed: %s', (_name, changes, rules, why) => {
  const decision = decide(facts({ ...CLOSED, linked: [mergeRequest(1, merged)], ...changes }), rules, null, 9e6);
  expect(decision.actions).toEqual([]);
  expect(decision.because.join(' ')).toContain(why);
});

test('an issue that a person has moved on is opened again where it is', () => {
  const closed = facts({ ...CLOSED, labels: ['Testing'], linked: [mergeRequest(1, merged)] });
  expect(decide(closed, REOPEN, null, 9e6).actions).toMatchObject([{ add: [], remove: [], reopen: true }]);
});

test('opened again as well where what closed it was reverted before anybody looked', () => {
  const after = facts({ ...CLOSED, labels: ['In Development'], linked: [mergeRequest(1, closed)] });
  expect(decide(after, REOPEN, null, 9e6)).toMatchObject({
    verdict: 'opens again, stays: it was never moved by us',
    actions: [{ add: [], remove: [], reopen: true }],
  });
});

test('a moved issue is followed where there is a board, and never opened again', () => {
  const moved = (movedTo: NonNullable<Parameters<typeof facts>[0]>['movedTo']) =>
    decide(facts({ ...CLOSED, ...(movedTo && { movedTo }), linked: [mergeRequest(1, merged)] }), REOPEN, null, 9e6);
  expect(moved({ issue: 'acme/lib-ssh#4', hasBoard: true })).toMatchObject({
    verdict: 'followed to acme/lib-ssh#4',
    actions: [],
    alsoLookAt: [{ key: 'issue:acme/lib-ssh#4', reason: 'issue acme/appliance#1 was moved here' }],
  });
  expect(moved({ issue: 'acme/lib-ssh#4', hasBoard: false })).toMatchObject({
    verdict: 'stays: moved to acme/lib-ssh#4',
    actions: [],
  });
  expect(moved({ issue: null, hasBoard: false })).toMatchObject({ verdict: 'stays: moved out of sight', actions: [] });
});

test('what cannot be seen is said once and for all, without an error', () => {
  expect(decide(facts({ found: false, projectSeen: false }), RULES, null, 9e6)).toMatchObject({
    verdict: 'not there: acme/appliance cannot be seen',
    actions: [],
  });
});
