import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LinkedMergeRequest } from './facts.ts';
import { issueOnBoard, mergeRequest, RULES } from './testing.ts';

const RUNS = 300;
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('open', 'draft', 'ready', 'merge', 'close', 'unlink'),
      iid: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 4, arbitrary: fc.constant({ do: 'look', iid: 0 }) },
);
const person = fc.record({ do: fc.constantFrom(...RULES.columns), iid: fc.constant(-1) });

function play(issue: ReturnType<typeof issueOnBoard>, { do: what, iid }: { do: string; iid: number }): void {
  const others = issue.facts.linked.filter(each => each.iid !== iid);
  const one = issue.facts.linked.find(each => each.iid === iid);
  const at = issue.tick();
  const set = (changes: Partial<LinkedMergeRequest>) => {
    issue.facts.linked = [
      ...others,
      {
        ...(one ?? mergeRequest(iid, { createdAt: at, targetBranch: iid === 3 ? 'release/5.3' : 'main' })),
        ...changes,
      },
    ];
  };
  if (what === 'look') issue.look();
  else if (iid === -1) issue.person(what);
  else if (what === 'unlink') issue.facts.linked = others;
  else if (one?.state === 'merged') return;
  else if (what === 'merge') set({ state: 'merged', draft: false, mergedAt: at });
  else if (what === 'close') set({ state: 'closed', closedAt: at });
  else set({ state: 'opened', closedAt: null, draft: what === 'draft' });
}

/** By the sentences of the README, one after the other, and nothing else. */
function oracle(start: string, linked: readonly LinkedMergeRequest[]): string {
  if (start === 'Testing') return start;
  let first: LinkedMergeRequest | undefined;
  let [anyOpen, anyDraft] = [false, false];
  for (const each of linked) {
    if (each.state === 'opened' && !each.draft) anyOpen = true;
    if (each.state === 'opened' && each.draft) anyDraft = true;
    if (each.state === 'merged' && (!first || Number(each.mergedAt) < Number(first.mergedAt))) first = each;
  }
  if (anyOpen) return 'In Review';
  if (anyDraft) return 'In Development';
  if (first) return first.targetBranch === 'release/5.3' ? 'To Test 5.3' : 'To Test';
  return start;
}

test('whenever it looked, and whatever it missed, the last look ends where the naive oracle says', () => {
  const starts = fc.constantFrom('To Do', 'In Development', 'Testing');
  fc.assert(
    fc.property(starts, fc.array(step, { maxLength: 25 }), (start, steps) => {
      const issue = issueOnBoard({ labels: ['bug', start] });
      for (const each of steps) play(issue, each);
      issue.look();
      expect(issue.columns()).toEqual([oracle(start, issue.facts.linked)]);
      expect(issue.facts.labels).toContain('bug');
      expect(issue.look().actions).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});

test("a person's move after ours is never undone, and an issue is never in two columns", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 4, arbitrary: step }, { weight: 1, arbitrary: person }), { maxLength: 40 }),
      steps => {
        const issue = issueOnBoard({ labels: ['To Do'] });
        for (const each of steps) {
          const last = issue.facts.events.at(-1);
          const held = last && !last.ours && issue.facts.events.some(event => event.ours) ? issue.columns() : null;
          play(issue, each);
          if (held && each.iid !== -1) expect(issue.columns()).toEqual(held);
          expect(issue.columns().length).toBe(1);
        }
      },
    ),
    { numRuns: RUNS },
  );
});
