import type { Kysely } from 'kysely';
import type { Tables } from '../../storage/tables.ts';

export type WorkState = 'due' | 'running' | 'laid_aside';

/** A key, and when it is looked at. */
export interface ListedWork {
  key: string;
  due_at: number | null;
  running: boolean;
  laid_aside: boolean;
  attempts: number;
  reasons: string[];
  error: unknown;
}

/** Keys in a state, those that are due first before others; in any state, the rest comes after those that are due, by name. */
export async function listWork(
  database: Kysely<Tables>,
  { state, limit }: { state?: WorkState | undefined; limit: number },
): Promise<ListedWork[]> {
  const select = (most: number) =>
    database
      .selectFrom('work')
      .select(['key', 'due_at', 'attempts', 'owner', 'dead_at', 'error', 'reasons'])
      .orderBy('due_at')
      .orderBy('key')
      .limit(most);
  const due = () => select(limit).where('due_at', 'is not', null).execute();
  if (state === 'due') return (await due()).map(listed);
  if (state === 'running') return (await select(limit).where('owner', 'is not', null).execute()).map(listed);
  if (state === 'laid_aside') return (await select(limit).where('dead_at', 'is not', null).execute()).map(listed);
  // One order over both would read every key that there ever was, and SQLite and PostgreSQL put what has no time to different ends.
  const first = await due();
  const rest = select(limit - first.length)
    .clearOrderBy()
    .where('due_at', 'is', null)
    .orderBy('key');
  return [...first, ...(first.length < limit ? await rest.execute() : [])].map(listed);
}

interface Row {
  key: string;
  due_at: number | null;
  attempts: number;
  owner: string | null;
  dead_at: number | null;
  error: string | null;
  reasons: string;
}

function listed({ key, due_at, attempts, owner, dead_at, error, reasons }: Row): ListedWork {
  return {
    key,
    due_at: due_at === null ? null : Number(due_at),
    running: owner !== null,
    laid_aside: dead_at !== null,
    attempts,
    reasons: JSON.parse(reasons) as string[],
    error: error === null ? null : (JSON.parse(error) as unknown),
  };
}
