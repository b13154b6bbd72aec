import { decide } from './decide.ts';
import type { BoardFacts, BoardMemory, BoardRules, LinkedMergeRequest } from './facts.ts';

export const RULES: BoardRules = {
  columns: ['To Do', 'In Development', 'In Review', 'To Test', 'To Test 5.3', 'Testing'],
  opened: 'In Review',
  draft: 'In Development',
  merged: 'To Test',
  mergedByBranch: { 'release/5.3': 'To Test 5.3' },
  mergedWhen: 'all',
  closed: 'previous',
  from: ['To Do', 'In Development', 'In Review', 'To Test', 'To Test 5.3'],
};

export function mergeRequest(iid: number, changes: Partial<LinkedMergeRequest> = {}): LinkedMergeRequest {
  return {
    project: 'acme/appliance',
    iid,
    state: 'opened',
    draft: false,
    targetBranch: 'main',
    keyword: 'mentions',
    reverts: null,
    createdAt: 1000 * iid,
    mergedAt: changes.state === 'merged' ? 1000 * iid + 500 : null,
    closedAt: changes.state === 'closed' ? 1000 * iid + 500 : null,
    ...changes,
  };
}

export function facts(changes: Partial<BoardFacts> = {}): BoardFacts {
  const base = { project: 'acme/appliance', iid: 1, found: true, state: 'opened', labels: ['To Do'] } as const;
  return { ...base, labels: ['To Do'], existing: RULES.columns, linked: [], events: [], ...changes };
}

/** An issue with a memory, on which people and the decision act in turn, as GitLab would keep it. */
export function issueOnBoard(start: Partial<BoardFacts> = {}, rules: BoardRules = RULES) {
  const now = facts(start);
  let memory: BoardMemory | null = null;
  let clock = 1_000_000;
  const change = (ours: boolean, add: readonly string[], remove: readonly string[]) => {
    clock += 5000;
    const record = (action: 'add' | 'remove') => (column: string) =>
      now.events.push({ id: now.events.length + 1, action, column, ours, by: ours ? 'bot' : 'ada', at: clock });
    remove.filter(each => now.labels.includes(each)).forEach(record('remove'));
    add.filter(each => !now.labels.includes(each)).forEach(record('add'));
    now.labels = [...new Set([...now.labels.filter(each => !remove.includes(each)), ...add])];
  };
  return {
    facts: now,
    columns: () => now.labels.filter(each => rules.columns.includes(each)),
    tick: () => {
      clock += 5000;
      return clock;
    },
    person: (to: string) =>
      change(
        false,
        [to],
        rules.columns.filter(each => each !== to),
      ),
    look: () => {
      clock += 5000;
      const decision = decide(now, rules, memory, clock);
      memory = decision.memory ?? null;
      for (const action of decision.actions) change(true, action.add, action.remove);
      return decision;
    },
  };
}
