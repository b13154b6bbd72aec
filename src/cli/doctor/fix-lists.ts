import { SignalboxError } from '../../errors.ts';
import type { Board } from '../../gitlab/client/boards.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { Check } from './check.ts';
import { tryFix } from './try-fix.ts';

/** Gives the board of a project (a new one where it has none) a list for each column, in the order of the columns. */
export function fixLists(
  name: string,
  gitlab: GitLab,
  path: string,
  columns: readonly string[],
  board: Board | null,
): () => Promise<Check> {
  const change = async () => {
    const { id, lists, name: title, labels } = board ?? (await gitlab.boards.create(path, 'Development'));
    const known = new Map((await gitlab.boards.labels(path)).map(label => [label.name, label.id]));
    // Lists of other labels keep their place behind the columns.
    const order = [...labels];
    for (const [index, column] of columns.entries()) {
      const label = known.get(column);
      if (label === undefined) throw new SignalboxError('SBX_BOARD_LABEL_MISSING', column);
      const list = lists.get(column) ?? (await gitlab.boards.createList(path, id, label)).id;
      const place = order.indexOf(column);
      if (place === index) continue;
      if (place >= 0) order.splice(place, 1);
      order.splice(index, 0, column);
      await gitlab.boards.moveList(path, id, list, index);
    }
    return `the board ${JSON.stringify(title)} shows the columns in their order`;
  };
  return tryFix(name, change, 'Set the board up by hand.');
}
