import type { BoardProject } from '../../automations/board/settings.ts';
import type { Board } from '../../gitlab/client/boards.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { Project } from '../../gitlab/client/schemas.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { fixLists } from './fix-lists.ts';
import { remedy } from './remedies.ts';
import { tryFix } from './try-fix.ts';

/** A board, and whether it is the project's own. */
type FoundBoard = Board & { ofProject: boolean };

/** For labels that `--fix` creates; people choose their own later. */
const LABEL = { color: '#6699cc', description: 'A column of the board' };

/** What the board needs of a project: its labels, a board that shows them, and issues that a merge does not close. */
export async function checkBoard(
  gitlab: GitLab,
  found: Project,
  path: string,
  project: BoardProject,
): Promise<Check[]> {
  const titles = await gitlab.issues.labelTitles(path);
  const boards = await readBoards(gitlab, path);
  return [
    checkLabels(gitlab, path, project.columns, titles),
    checkLists(gitlab, path, project.columns, boards),
    checkAutoclose(path, project, found),
    ...checkScopes(path, project.columns, boards),
  ];
}

function checkLabels(gitlab: GitLab, path: string, columns: readonly string[], titles: readonly string[]): Check {
  const name = `${path} board labels`;
  const missing = columns.filter(column => !titles.includes(column));
  if (missing.length === 0) return ok(name, `${columns.length} columns, a label for each`);
  const detail = missing.map(column => `there is no label ${quote(column)}${almost(column, titles)}`).join('; ');
  const create = async () => {
    for (const column of missing) await gitlab.boards.createLabel(path, { name: column, ...LABEL });
    return `created ${missing.map(quote).join(', ')}`;
  };
  return {
    ...fail(name, detail, remedy('no column label')),
    fix: tryFix(name, create, 'Create them by hand.'),
    does: `create the ${missing.length === 1 ? 'label' : 'labels'} ${missing.map(quote).join(', ')} in ${path}`,
  };
}

/** Titles are case-sensitive, and a label that differs by its case is the likeliest slip. */
function almost(column: string, titles: readonly string[]): string {
  const meant = titles.find(title => title.toLowerCase() === column.toLowerCase());
  return meant === undefined ? '' : ` (but ${quote(meant)})`;
}

function checkLists(gitlab: GitLab, path: string, columns: readonly string[], boards: readonly FoundBoard[]): Check {
  const name = `${path} board lists`;
  const inOrder = { columns: columns.join(', ') };
  const fixed = (board: FoundBoard | null) => ({
    // With all its lists, those of other labels too.
    fix: fixLists(name, gitlab, path, columns, boards.find(({ id }) => id === board?.id) ?? null),
    does: `${board ? `complete the board ${quote(board.name)}` : 'make a board'} of ${path} with a list for each column`,
  });
  const own = boards.map(board => ({ ...board, labels: board.labels.filter(label => columns.includes(label)) }));
  // The one that was meant is the one that shows most of the columns.
  const nearest = own.toSorted((a, b) => b.labels.length - a.labels.length)[0];
  if (!nearest)
    return {
      ...warn(name, 'neither the project nor its groups have a board', remedy('no column list', inOrder)),
      ...fixed(null),
    };
  const missing = columns.filter(column => !nearest.labels.includes(column));
  if (missing.length > 0) {
    const detail = `the board ${quote(nearest.name)} has no list for ${missing.map(quote).join(', ')}`;
    if (!nearest.ofProject) return warn(name, detail, remedy('no group list', inOrder));
    return { ...warn(name, detail, remedy('no column list', inOrder)), ...fixed(nearest) };
  }
  const right = own.find(board => board.labels.join() === columns.join());
  if (right) return ok(name, `the board ${quote(right.name)} shows the columns in their order`);
  const detail = `the board ${quote(nearest.name)} shows the columns in another order: ${nearest.labels.join(', ')}`;
  const check = warn(name, detail, remedy('lists out of order'));
  return nearest.ofProject ? { ...check, ...fixed(nearest) } : check;
}

function checkAutoclose(path: string, project: BoardProject, found: Project): Check {
  const name = `${path} autoclose`;
  const branch = found.default_branch ?? 'the default branch';
  if (found.autoclose_referenced_issues === false) return ok(name, 'a merge closes no issue here');
  const closes = `"Closes #1" merged into ${branch} closes the issue`;
  if (project.reopen) return ok(name, `${closes}; \`reopen: true\` opens it again in ${project.merged}`);
  return warn(
    name,
    `${closes}, and a closed issue is in no list: it never shows in ${project.merged}`,
    remedy('merges close'),
  );
}

/** Scoped labels push each other off, on paid tiers only; as we take the other columns off ourselves, both are well. */
function checkScopes(path: string, columns: readonly string[], boards: readonly Board[]): Check[] {
  const scoped = columns.filter(column => column.includes('::'));
  if (scoped.length === 0) return [];
  const name = `${path} scoped labels`;
  const scopes = new Set(scoped.map(column => column.slice(0, column.lastIndexOf('::'))));
  if (scoped.length < columns.length || scopes.size > 1) {
    return [
      warn(
        name,
        'the columns do not share one scope, so that a person who drags an issue may leave two columns on it',
        remedy('scopes differ'),
      ),
    ];
  }
  const paid = boards.some(board => board.paidTier);
  const tier = paid ? 'exclude each other on this tier' : 'exclude each other on paid tiers only';
  return [ok(name, `they ${tier}; Signalbox takes the other columns off itself on every tier`)];
}

async function readBoards(gitlab: GitLab, path: string): Promise<FoundBoard[]> {
  const parts = path.split('/').slice(0, -1);
  const groups = parts.map((_, index) => parts.slice(0, parts.length - index).join('/'));
  const [own, ...above] = await Promise.all([
    gitlab.boards.ofProject(path),
    ...groups.map(group => gitlab.boards.ofGroup(group)),
  ]);
  const found = (boards: readonly Board[], ofProject: boolean) => boards.map(board => ({ ...board, ofProject }));
  return [...found(own, true), ...found(above.flat(), false)];
}

function quote(text: string): string {
  return JSON.stringify(text);
}
