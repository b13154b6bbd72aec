import type { Decision, PlannedAction } from '../../engine/automation.ts';
import type { BoardFacts, BoardMemory, BoardRules } from './facts.ts';
import { columnOfPeople, crossedWith, findPersonsMove, findUndoing, type PersonsMove } from './person.ts';
import { findWish, nameOf, type Wish, wishName } from './wish.ts';
import { wishChangedAt } from './wish-change.ts';

/** One request: labels on and off, and whether it is opened again. */
export interface MoveAction extends PlannedAction {
  type: 'move' | 'undo';
  add: string[];
  remove: string[];
  reopen: boolean;
}

type BoardDecision = Decision<MoveAction, BoardMemory>;

/** Where the column is concerned: the labels to change, or why it stays. */
type ColumnMove = { verdict: string; because: string[]; labels: { add: string[]; remove: string[] } | null };

/**
 * Decides whether one issue moves: a pure function. It moves when its merge requests ask for another column than the one it is
 * in, that one may be left, and no person has moved it since the merge requests began to ask for this.
 */
export function decide(facts: BoardFacts, rules: BoardRules, memory: BoardMemory | null, now: number): BoardDecision {
  if (!facts.found) return notThere(facts);
  const wish = findWish(facts.linked, rules);
  const remembered: BoardMemory = {
    wish: wishName(wish),
    since: sinceWhen(wish, facts, rules, memory),
    lookedAt: now,
    known: facts.linked
      .filter(each => each.unlinkedAt === null)
      .map(each => ({ name: nameOf(each), since: each.linkedAt })),
    formerly: facts.formerly,
  };
  if (facts.movedTo) return { ...followed(facts, facts.movedTo), memory: remembered };
  const issue = `${facts.project}#${facts.iid}`;
  const undoing = findUndoing(facts);
  if (undoing && facts.undo) return { ...undo(undoing.column, facts.undo.by, facts, rules), memory: remembered };
  const { verdict, because, labels } = moveColumn(wish, facts, rules, remembered.since);
  const reopen = reopens(wish, facts, rules);
  const why = [`${sentence(wish.because)}`, ...because];
  if (!labels && !reopen) return { verdict, because: why, actions: [], memory: remembered };
  const { add, remove } = labels ?? { add: [], remove: [] };
  const what = reopen ? 'it' : issue;
  const move = add[0] === undefined ? `take ${remove.join(', ')} off ${what}` : `move ${what} to ${add[0]}`;
  const summary = reopen ? `re-open ${issue}${labels ? ` and ${move}` : ''}` : move;
  return {
    verdict: reopen ? `opens again, ${verdict}` : verdict,
    because: reopen ? [...why, `${facts.closing?.mergeRequest} closed it, no person did.`] : why,
    actions: [{ type: 'move', summary, add, remove, reopen }],
    memory: remembered,
  };
}

function undo(column: string | null, by: string, facts: BoardFacts, rules: BoardRules): BoardDecision {
  const because = [`${by} took our last move back.`];
  if (column !== null && !facts.existing.includes(column)) {
    return { verdict: `stays: there is no label ${column}`, because, actions: [] };
  }
  const { add, remove } = changeTo(column, facts, rules);
  const summary = `put ${facts.project}#${facts.iid} back ${column === null ? 'into no column' : `to ${column}`}`;
  return {
    verdict: `goes back: ${by} takes our last move back`,
    because,
    actions: [{ type: 'undo', summary, add, remove, reopen: false }],
  };
}

/** When the wish became what it is. It only ever grows, so that a change of which no trace is left is not forgotten. */
function sinceWhen(wish: Wish, facts: BoardFacts, rules: BoardRules, memory: BoardMemory | null): number {
  const changed = Math.max(wishChangedAt(facts.linked, rules), memory?.since ?? 0);
  // What was deleted has no date; it was there at the last look.
  const vanished = facts.gone.length > 0 && memory !== null && memory.wish !== wishName(wish);
  return vanished ? Math.max(changed, memory.lookedAt) : changed;
}

function moveColumn(wish: Wish, facts: BoardFacts, rules: BoardRules, since: number): ColumnMove {
  const stays = (verdict: string, ...because: string[]): ColumnMove => ({ verdict, because, labels: null });
  if (wish.kind === 'none') return stays('stays: nothing is asked for');
  if (wish.kind === 'previous' && !facts.events.some(event => event.ours)) {
    return stays('stays: it was never moved by us');
  }
  const column = wish.kind === 'column' ? wish.column : columnOfPeople(facts.events);
  if (column === null) return stays('stays: people had left it in no column');
  const labels = changeTo(column, facts, rules);
  if (labels.add.length + labels.remove.length === 0) return stays(`in ${column}`, 'It is there already.');
  if (facts.state === 'closed' && !reopens(wish, facts, rules)) {
    return stays(`stays: closed, would be in ${column}`, whyClosed(facts, rules));
  }
  const missing = labels.add.find(each => !facts.existing.includes(each));
  if (missing !== undefined) {
    return stays(`stays: there is no label ${missing}`, 'Writing a label that does not exist would create it.');
  }
  const kept = labels.remove.find(each => !rules.from.includes(each));
  if (kept !== undefined) return stays(`stays in ${kept}`, `The rules do not let an issue leave ${kept}.`);
  const person = findPersonsMove(facts);
  if (person && person.at >= since) {
    const crossed = crossedWith(person, facts.events, facts.labels);
    if (crossed.length === 0) return stays(`stays: ${person.name}`, whyHeld(person));
    const because = [
      whyHeld(person),
      `Our own move came at the same moment, and ${crossed.join(', ')} is taken off again.`,
    ];
    return { verdict: `stays: ${person.name}`, because, labels: { add: [], remove: crossed } };
  }
  return { verdict: `moves to ${column}`, because: [], labels };
}

/** GitLab closed it because of a merge, nobody else: only that is taken back, and each such closing leads to one look only. */
function reopens(wish: Wish, { state, closing }: BoardFacts, rules: BoardRules): boolean {
  return rules.reopen && state === 'closed' && wish.kind !== 'none' && closing?.mergeRequest != null;
}

function changeTo(column: string | null, { labels }: BoardFacts, rules: BoardRules) {
  const current = rules.columns.filter(each => labels.includes(each));
  return {
    add: column === null || current.includes(column) ? [] : [column],
    remove: current.filter(each => each !== column),
  };
}

function whyHeld({ by, did }: PersonsMove): string {
  return `${by} ${did}, and the merge requests have asked for nothing new since then.`;
}

function whyClosed({ closing }: BoardFacts, rules: BoardRules): string {
  if (!rules.reopen) return 'A closed issue is not moved.';
  return `A closed issue is not moved: ${closing ? `${closing.by} closed it, no merge did` : 'who closed it is not known'}.`;
}

function notThere({ project, projectSeen }: BoardFacts): BoardDecision {
  if (projectSeen) {
    return { verdict: 'not there', because: ['The issue does not exist, or may not be seen.'], actions: [] };
  }
  return {
    verdict: `not there: ${project} cannot be seen`,
    because: [`The token may not see ${project}, or it does not exist.`],
    actions: [],
  };
}

function followed(facts: BoardFacts, { issue, hasBoard }: NonNullable<BoardFacts['movedTo']>): BoardDecision {
  const from = `${facts.project}#${facts.iid}`;
  if (issue === null) {
    const because = ['A person moved the issue to a project that the token may not see.'];
    return { verdict: 'stays: moved out of sight', because, actions: [] };
  }
  if (!hasBoard) {
    const because = [`A person moved the issue to ${issue}, and that project has no board here.`];
    return { verdict: `stays: moved to ${issue}`, because, actions: [] };
  }
  return {
    verdict: `followed to ${issue}`,
    because: [`A person moved the issue to ${issue}; what its merge requests ask for is asked for there.`],
    actions: [],
    alsoLookAt: [{ key: `issue:${issue}`, reason: `issue ${from} was moved here` }],
  };
}

function sentence(text: string): string {
  // A path is written as it is, also at the beginning.
  if (/^\S+!\d/.test(text)) return `${text}.`;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
