import { decide } from './decide.ts';
import type { BoardFacts, BoardMemory, BoardRules, LinkedMergeRequest, Turn } from './facts.ts';
import { nameOf } from './wish.ts';

export const RULES: BoardRules = {
  columns: ['To Do', 'In Development', 'In Review', 'To Test', 'To Test 5.3', 'Testing'],
  opened: 'In Review',
  draft: 'In Development',
  merged: 'To Test',
  mergedByBranch: { 'release/5.3': 'To Test 5.3' },
  mergedWhen: 'all',
  closed: 'previous',
  from: ['To Do', 'In Development', 'In Review', 'To Test', 'To Test 5.3'],
  reopen: false,
};

export function mergeRequest(iid: number, changes: Partial<LinkedMergeRequest> = {}): LinkedMergeRequest {
  const createdAt = changes.createdAt ?? 1000 * iid;
  return {
    project: 'acme/appliance',
    iid,
    state: 'opened',
    draft: false,
    targetBranch: 'main',
    keyword: 'mentions',
    reverts: [],
    createdAt,
    mergedAt: changes.state === 'merged' ? createdAt + 500 : null,
    closedAt: changes.state === 'closed' ? createdAt + 500 : null,
    linkedAt: createdAt,
    unlinkedAt: null,
    turns: [],
    ...changes,
  };
}

export function facts(changes: Partial<BoardFacts> = {}): BoardFacts {
  return {
    project: 'acme/appliance',
    iid: 1,
    found: true,
    projectSeen: true,
    state: 'opened',
    formerly: [],
    labels: ['To Do'],
    existing: RULES.columns,
    linked: [],
    gone: [],
    events: [],
    closing: null,
    undo: null,
    ...changes,
  };
}

/** An issue with a memory, on which people and the decision act in turn, as GitLab would keep it. */
export function issueOnBoard(start: Partial<BoardFacts> = {}, rules: BoardRules = RULES) {
  const now = facts(start);
  let memory: BoardMemory | null = null;
  let clock = 1_000_000;
  const tick = () => {
    clock += 5000;
    return clock;
  };
  const change = (ours: boolean, add: readonly string[], remove: readonly string[]) => {
    tick();
    const record = (action: 'add' | 'remove') => (column: string) =>
      now.events.push({ id: now.events.length + 1, action, column, ours, by: ours ? 'bot' : 'ada', at: clock });
    remove.filter(each => now.labels.includes(each)).forEach(record('remove'));
    add.filter(each => !now.labels.includes(each)).forEach(record('add'));
    now.labels = [...new Set([...now.labels.filter(each => !remove.includes(each)), ...add])];
  };
  return {
    facts: now,
    columns: () => now.labels.filter(each => rules.columns.includes(each)),
    tick,
    /** Something happens to a merge request, dated as GitLab dates it. */
    turn: (iid: number, changes: Partial<LinkedMergeRequest>) => {
      const at = tick();
      const index = now.linked.findIndex(each => each.iid === iid);
      const { state: _state, ...born } = changes;
      const before = now.linked[index] ?? mergeRequest(iid, { createdAt: at, ...born });
      const after = { ...before, ...changes, turns: [...before.turns, ...turnsOf(before, changes, at)] };
      if (changes.state === 'merged') after.mergedAt = at;
      if (changes.state !== undefined) after.closedAt = changes.state === 'closed' ? at : null;
      now.linked = index < 0 ? [...now.linked, after] : now.linked.with(index, after);
    },
    person: (to: string) =>
      change(
        false,
        [to],
        rules.columns.filter(each => each !== to),
      ),
    look: () => {
      tick();
      const known = new Set(memory?.known.map(each => each.name));
      const linked = now.linked.filter(each => each.unlinkedAt === null || known.has(nameOf(each)));
      const decision = decide({ ...now, linked }, rules, memory, clock);
      memory = decision.memory ?? null;
      for (const action of decision.actions) {
        change(true, action.add, action.remove);
        if (action.reopen) Object.assign(now, { state: 'opened', closing: null });
      }
      return decision;
    },
    forget: () => {
      memory = null;
    },
  };
}

function turnsOf(before: LinkedMergeRequest, changes: Partial<LinkedMergeRequest>, at: number): Turn[] {
  const { state, draft, targetBranch } = changes;
  return [
    ...(state !== undefined && state !== 'locked' && state !== before.state ? [{ at, state }] : []),
    ...(draft !== undefined && draft !== before.draft ? [{ at, draft }] : []),
    ...(targetBranch !== undefined && targetBranch !== before.targetBranch
      ? [{ at, target: { from: before.targetBranch, to: targetBranch } }]
      : []),
  ];
}
