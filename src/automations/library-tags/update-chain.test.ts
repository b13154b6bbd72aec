import { describe, expect, it } from 'vitest';
import { updateChain } from './update-chain.ts';

/** `a<b` = b on top of a. */
function history(...links: string[]) {
  const parents = new Map<string, string[]>();
  for (const link of links) {
    const [parent = '', child = ''] = link.split('<');
    parents.set(child, [...(parents.get(child) ?? []), parent]);
  }
  return [...parents].map(([oid, its]) => ({ oid, parents: its, message: oid }));
}

const LINE = history('base<a', 'a<b', 'b<c', 'c<d');
const MERGE = history('base<a', 'base<t', 't<u', 'a<m', 'u<m', 'm<n');

describe('the states of a branch', () => {
  it.each([
    ['in order, whatever order they are named in', LINE, 'd', ['c', 'a', 'b'], null, ['a', 'b', 'c', 'd']],
    ['each once', LINE, 'd', ['a', 'a', 'd'], null, ['a', 'd']],
    ['not those that were there before', LINE, 'd', ['a', 'b', 'c'], 'b', ['c', 'd']],
    ['not what was rewritten away', LINE, 'd', ['gone', 'c'], null, ['c', 'd']],
    ['after a rewrite, all that are on the branch now', LINE, 'd', ['b'], 'gone', ['b', 'd']],
    ['only what was pushed, not every commit', MERGE, 'n', ['m'], null, ['m', 'n']],
    ['the head alone', LINE, 'd', [], null, ['d']],
    ['the head alone where its history is not known', [], 'd', ['a'], null, ['d']],
  ])('%s', (_title, commits, head, candidates, seen, expected) => {
    expect(updateChain(commits, head, candidates, seen)).toEqual(expected);
  });

  it('is a chain: of two states of which neither has the other only one stays', () => {
    const chain = updateChain(MERGE, 'n', ['a', 'u', 'm'], null);
    expect(chain.slice(-2)).toEqual(['m', 'n']);
    expect(chain).toHaveLength(3);
  });
});
