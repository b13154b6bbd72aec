import type { BoardFacts, ColumnEvent, Undo } from './facts.ts';

/** Labels that one request changed carry the same time, or all but. */
const SAME_MOVE = 1000;

/** What a person decided about the column, after our last move. */
export interface PersonsMove {
  /** ms since the epoch, as GitLab dates it */
  at: number;
  by: string;
  did: string;
  /** In a verdict: `moved by ada`. */
  name: string;
  /** The column that it was put into. */
  column: string | null;
}

/**
 * The newest move of a person, whatever we did after it: whether it still stands is a matter of when the merge requests began to
 * ask for something new. Taking our move back is a person's move too.
 */
export function findPersonsMove({ events, undo }: Pick<BoardFacts, 'events' | 'undo'>): PersonsMove | null {
  const last = events.findLast(event => !event.ours);
  const undone = undo && findUndone(events, undo);
  if (undo && undone && (!last || last.id < undone.id)) {
    const name = `taken back by ${undo.by}`;
    return { at: undone.at, by: undo.by, did: 'took our last move back', name, column: null };
  }
  if (!last) return null;
  // One request leaves an event for each label, in no certain order.
  const added = events.findLast(
    event => !event.ours && event.action === 'add' && event.by === last.by && last.at - event.at < SAME_MOVE,
  );
  const did = added ? `put it into ${added.column}` : `took it out of ${last.column}`;
  return { at: last.at, by: last.by, did, name: `moved by ${last.by}`, column: added?.column ?? null };
}

/** Columns that our own move put on while a person was moving the issue somewhere else: two at the same moment. */
export function crossedWith(person: PersonsMove, events: readonly ColumnEvent[], labels: readonly string[]): string[] {
  const theirs = events.findLast(event => !event.ours);
  if (!theirs || person.column === null || !labels.includes(person.column)) return [];
  const later = events.filter(event => event.ours && event.action === 'add' && event.id > theirs.id);
  return [...new Set(later.map(event => event.column))].filter(
    column => column !== person.column && labels.includes(column),
  );
}

/** The columns that our newest move, ending with this event, put on and took off. */
export function moveEndingWith(events: readonly ColumnEvent[], id: number): { added: string[]; removed: string[] } {
  const end = events.find(event => event.id === id);
  const move = events.filter(event => end && event.ours && event.id <= id && end.at - event.at < SAME_MOVE);
  const of = (action: ColumnEvent['action']) =>
    move.filter(event => event.action === action).map(event => event.column);
  return { added: of('add'), removed: of('remove') };
}

/** What taking back a move asks for; null when it was done, or somebody has moved the issue since. */
export function findUndoing({ events, undo }: Pick<BoardFacts, 'events' | 'undo'>): { column: string | null } | null {
  if (!undo || events.at(-1)?.id !== undo.after) return null;
  return { column: moveEndingWith(events, undo.after).removed[0] ?? null };
}

/** Whether the newest thing that happened to the column is that our move was taken back. */
export function isUndone(events: readonly ColumnEvent[], undo: Undo): boolean {
  const [undone, last] = [findUndone(events, undo), events.at(-1)];
  return undone !== null && last?.ours === true && last.at - undone.at < SAME_MOVE;
}

function findUndone(events: readonly ColumnEvent[], { after }: Undo): ColumnEvent | null {
  const move = moveEndingWith(events, after);
  const next = events.find(event => event.id > after);
  if (!next?.ours) return null;
  const made = events.filter(event => event.id > after && event.ours && event.at - next.at < SAME_MOVE);
  const added = made.filter(event => event.action === 'add').map(event => event.column);
  return added.join() === move.removed.slice(0, 1).join() ? next : null;
}

/**
 * The column that people have left it in: the one that a person has put it into last, or, where none has since there are
 * events, the one that our first move took it out of. Our own moves between do not matter, nor which of them we made.
 */
export function columnOfPeople(events: readonly ColumnEvent[]): string | null {
  const last = events.findLast(event => !event.ours);
  if (last) {
    const added = events.findLast(
      event => !event.ours && event.action === 'add' && event.by === last.by && last.at - event.at < SAME_MOVE,
    );
    return added?.column ?? null;
  }
  const first = events.find(event => event.ours);
  if (!first) return null;
  const taken = events.find(event => event.ours && event.action === 'remove' && event.at - first.at < SAME_MOVE);
  return taken?.column ?? null;
}
