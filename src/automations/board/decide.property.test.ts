import fc from 'fast-check';
import { expect, test } from 'vitest';
import { issueOnBoard, RULES } from './testing.ts';

const RUNS = 300;
const step = fc.record({
  do: fc.constantFrom('open', 'draft', 'ready', 'merge', 'close', 'retarget', 'look'),
  iid: fc.integer({ min: 1, max: 3 }),
});
const person = fc.record({
  do: fc.constant('person'),
  iid: fc.constant(0),
  to: fc.constantFrom(...RULES.columns),
});
type Step = { do: string; iid: number; to?: string };
type Issue = ReturnType<typeof issueOnBoard>;

function play(issue: Issue, { do: what, iid, to }: Step): void {
  const one = issue.facts.linked.find(each => each.iid === iid);
  if (what === 'person') issue.person(to!);
  else if (what === 'look') issue.look();
  else if (one?.state === 'merged') return;
  else if (what === 'retarget') issue.turn(iid, { targetBranch: 'release/5.3' });
  else if (what === 'merge') issue.turn(iid, { state: 'merged', draft: false });
  else if (what === 'close') issue.turn(iid, { state: 'closed' });
  else issue.turn(iid, { state: 'opened', draft: what === 'draft' });
}

/** What the merge requests ask for, by the sentences of the README one after the other; null for "as it was at first". */
function wished(history: readonly Step[]): string | null {
  const all = new Map<number, { state: string; draft: boolean; target: string; order: number }>();
  for (const [order, { do: what, iid }] of history.entries()) {
    const one = all.get(iid) ?? { state: 'open', draft: false, target: 'main', order };
    if (one.state === 'merged' || what === 'person' || what === 'look') continue;
    if (what === 'retarget') one.target = 'release/5.3';
    else if (what === 'merge') Object.assign(one, { state: 'merged', draft: false, order });
    else if (what === 'close') one.state = 'closed';
    else Object.assign(one, { state: 'open', draft: what === 'draft' });
    all.set(iid, one);
  }
  const list = [...all.values()];
  if (list.some(each => each.state === 'open' && !each.draft)) return 'In Review';
  if (list.some(each => each.state === 'open')) return 'In Development';
  const first = list.filter(each => each.state === 'merged').sort((a, b) => a.order - b.order)[0];
  return first ? (first.target === 'release/5.3' ? 'To Test 5.3' : 'To Test') : null;
}

/** Where the issue ends: it goes where each new wish sends it, unless a person has the last word. */
function oracle(start: string, history: readonly Step[]): string {
  let [column, left] = [start, start];
  let last: string | null = null;
  for (const [index, each] of history.entries()) {
    // Putting it where it is already leaves no trace in GitLab.
    if (each.do === 'person' && each.to !== column) left = each.to!;
    if (each.do === 'person') column = each.to!;
    const wish = wished(history.slice(0, index + 1));
    const isNew = wish !== last;
    last = wish;
    const to = wish ?? left;
    if (!isNew || to === column || column === 'Testing') continue;
    column = to;
  }
  return column;
}

test('without people, it ends where the oracle says, whenever it looked and whatever it missed or forgot', () => {
  const starts = fc.constantFrom('To Do', 'In Development', 'Testing');
  fc.assert(
    fc.property(starts, fc.array(step, { maxLength: 25 }), fc.boolean(), (start, steps, forgets) => {
      const issue = issueOnBoard({ labels: ['bug', start] });
      for (const each of steps) play(issue, each);
      if (forgets) issue.forget();
      issue.look();
      const expected = wished(steps) ?? start;
      expect(issue.columns()).toEqual([start === 'Testing' ? start : expected]);
      expect(issue.facts.labels).toContain('bug');
      expect(issue.look().actions).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});

test('with people, looking after each step ends where the oracle says', () => {
  const steps = fc.array(fc.oneof({ weight: 4, arbitrary: step }, { weight: 1, arbitrary: person }), { maxLength: 30 });
  fc.assert(
    fc.property(steps, history => {
      const issue = issueOnBoard({ labels: ['To Do'] });
      for (const [index, each] of history.entries()) {
        play(issue, each);
        issue.look();
        expect(issue.columns()).toEqual([oracle('To Do', history.slice(0, index + 1))]);
      }
    }),
    { numRuns: RUNS },
  );
});

test("a person's move stands until the wish is new, however seldom we look, and an issue is never in two columns", () => {
  const steps = fc.array(fc.oneof({ weight: 4, arbitrary: step }, { weight: 1, arbitrary: person }), { maxLength: 40 });
  fc.assert(
    fc.property(steps, fc.boolean(), (history, forgets) => {
      const issue = issueOnBoard({ labels: ['To Do'] });
      let moved = -1;
      for (const [index, each] of history.entries()) {
        const before = issue.facts.events.length;
        play(issue, each);
        // Putting it where it is already leaves no trace in GitLab.
        if (each.do === 'person' && issue.facts.events.length > before) moved = index;
      }
      if (forgets) issue.forget();
      issue.look();
      expect(issue.columns().length).toBe(1);
      if (moved < 0) return;
      const wishes = history.slice(moved).map((_each, index) => wished(history.slice(0, moved + index + 1)));
      if (new Set(wishes).size === 1) expect(issue.columns()).toEqual([(history[moved] as Step).to]);
    }),
    { numRuns: RUNS },
  );
});
