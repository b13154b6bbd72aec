import { GitError } from './git-error.ts';
import { gitLine } from './run-git.ts';
import type { LogQuery } from './types.ts';

/** Only an absolute time makes a log that stays the same; `yesterday` does not. */
const ABSOLUTE = /^\d{4}-\d{2}-\d{2}(?:[T ].*)?$/;

/** The arguments of `git rev-list` for a query whose revisions are already shas. */
export function logArguments(query: LogQuery, start: string[]): string[] {
  const args = ['rev-list'];
  if (query.firstParent === true) args.push('--first-parent');
  if (query.order === 'topo') args.push('--topo-order');
  if (query.since !== undefined) args.push(`--since=${query.since}`);
  if (query.until !== undefined) args.push(`--until=${query.until}`);
  if (query.author !== undefined) args.push(`--author=${query.author}`);
  if (query.skip !== undefined && query.skip > 0) args.push(`--skip=${query.skip}`);
  if (query.limit !== undefined) args.push(`--max-count=${query.limit}`);
  args.push(...(query.all === true ? ['--all'] : start));
  args.push('--');
  if (query.path !== undefined && query.path !== '') args.push(query.path);
  return args;
}

export function isCacheable(query: LogQuery): boolean {
  return query.all !== true && [query.since, query.until].every(date => date === undefined || ABSOLUTE.test(date));
}

/** Runs the query; gives shas, newest first. */
export async function logShas(directory: string, query: LogQuery, start: string[]): Promise<string[]> {
  const output = await gitLine(directory, logArguments(query, start));
  return output === '' ? [] : output.split('\n');
}

/** Resolves `a`, `a..b`, `a...b` and the excluded revisions into arguments of rev-list. */
export async function logStart(
  revision: string,
  not: string[],
  resolve: (revision: string) => Promise<string | null>,
): Promise<string[]> {
  const sha = async (name: string) => {
    const found = await resolve(name === '' ? 'HEAD' : name);
    if (found === null) throw new GitError('not-found', `unknown revision: ${name}`);
    return found;
  };
  const excluded = await Promise.all(not.map(async name => `^${await sha(name)}`));
  // A ref name cannot hold two dots in a row, so this is a range and nothing else.
  const range = /^(.*?)(\.{2,3})(.*)$/s.exec(revision);
  if (range === null) return [await sha(revision), ...excluded];
  const [left, right] = await Promise.all([sha(range[1]!), sha(range[3]!)]);
  return [`${left}${range[2]}${right}`, ...excluded];
}
