import type { Decision, PlannedAction } from '../../engine/automation.ts';
import type { BoardFacts, BoardMemory, BoardRules, ColumnEvent } from './facts.ts';
import { findWish, nameOf } from './wish.ts';

export interface MoveAction extends PlannedAction {
  type: 'move';
  add: string[];
  remove: string[];
}

type BoardDecision = Decision<MoveAction, BoardMemory>;

/**
 * Decides whether one issue moves: a pure function. It moves when its merge requests ask for another column than the one we
 * put it in last, the column it is in may be left, and no person moved it since.
 */
export function decide(facts: BoardFacts, rules: BoardRules, memory: BoardMemory | null, now: number): BoardDecision {
  if (!facts.found)
    return { verdict: 'not there', because: ['The issue does not exist, or may not be seen.'], actions: [] };
  const wish = findWish(facts.linked, rules);
  const ours = facts.events.filter(event => event.ours);
  const lastOurs = ours.at(-1);
  const previous = wish.kind === 'previous' ? columnBefore(ours) : null;
  const column = wish.kind === 'column' ? wish.column : previous;
  const dated = wish.kind === 'none' ? 0 : wish.since;
  // GitLab does not date everything: where we saw the wish change, it is at least as new as that.
  const since = memory === null ? dated : memory.wish === column ? Math.max(memory.since, dated) : Math.max(now, dated);
  const remembered: BoardMemory = { wish: column, since, known: facts.linked.map(nameOf).toSorted() };
  const stays = (verdict: string, ...because: string[]): BoardDecision => {
    return { verdict, because: [sentence(wish.because), ...because], actions: [], memory: remembered };
  };

  if (wish.kind === 'none') return stays('stays: nothing is asked for');
  if (wish.kind === 'previous' && !lastOurs) return stays('stays: it was never moved by us');
  if (column === null) return stays('stays: it had no column before we first moved it');
  const current = rules.columns.filter(each => facts.labels.includes(each));
  const [add, remove] = [current.includes(column) ? [] : [column], current.filter(each => each !== column)];
  if (add.length + remove.length === 0) return stays(`in ${column}`, 'It is there already.');
  if (facts.state === 'closed') return stays(`stays: closed, would be in ${column}`, 'A closed issue is not moved.');
  const missing = add.find(each => !facts.existing.includes(each));
  if (missing !== undefined) {
    return stays(`stays: there is no label ${missing}`, 'Writing a label that does not exist would create it.');
  }
  const kept = remove.find(each => !rules.from.includes(each));
  if (kept !== undefined) return stays(`stays in ${kept}`, `The rules do not let an issue leave ${kept}.`);
  const person = facts.events.findLast(event => !event.ours && (lastOurs ? event.id > lastOurs.id : event.at >= since));
  if (person) {
    const did = person.action === 'add' ? 'put it into' : 'took it out of';
    const than = lastOurs ? 'our last move' : 'what the merge requests ask for';
    return stays(
      `stays: moved by ${person.by}`,
      `${person.by} ${did} ${person.column}, and that is newer than ${than}.`,
    );
  }
  const summary = `move ${facts.project}#${facts.iid} to ${column}`;
  return {
    verdict: `moves to ${column}`,
    because: [sentence(wish.because)],
    actions: [{ type: 'move', summary, add, remove }],
    memory: remembered,
  };
}

/** The column that our first move took it out of; GitLab keeps one event for each label. */
function columnBefore(ours: readonly ColumnEvent[]): string | null {
  const first = ours[0];
  if (!first) return null;
  // The add and the remove of one request carry the same time, or all but.
  const taken = ours.find(event => event.action === 'remove' && event.at - first.at < SAME_MOVE);
  return taken?.column ?? null;
}

const SAME_MOVE = 1000;

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
