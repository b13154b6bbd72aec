import type { Decision, PlannedAction } from '../../engine/automation.ts';

/** What a look at `board:<project>` sees. */
export interface ColumnsFacts {
  project: string;
  columns: string[];
  /** Those that have no label in the project or the groups above it; null when the project cannot be seen. */
  missing: string[] | null;
}

/** Labels come and go seldom. */
const LOOK_AGAIN = 60 * 60_000;

/** Says whether every column has its label; there is nothing to do about it but for people. */
export function decideColumns({ project, columns, missing }: ColumnsFacts, now: number): Decision<PlannedAction> {
  const later = { actions: [], lookAgainAt: now + LOOK_AGAIN };
  const because = [`columns: ${columns.join(', ')}`];
  if (missing === null) {
    return {
      ...later,
      verdict: `${project} cannot be seen`,
      because: [...because, 'It is not there, or not for the token.'],
    };
  }
  if (missing.length === 0) return { ...later, verdict: `${columns.length} columns, a label for each`, because };
  const names = missing.map(column => JSON.stringify(column)).join(', ');
  because.push('Nothing is moved there: writing a label that does not exist would create it.');
  return { ...later, verdict: `there is no label ${names}`, because };
}
