import type { CommitFact } from './snapshot.ts';

/**
 * The states a branch went through on its way to `head`, oldest first, `head` last: of the candidates those that lie on the way
 * and were not there already at the state `seen`. Without a rewrite each state of a branch contains the one before; what
 * does not fit was taken back and gets no version.
 */
export function updateChain(
  commits: readonly CommitFact[],
  head: string,
  candidates: readonly string[],
  seen: string | null,
): string[] {
  const byOid = new Map(commits.map(commit => [commit.oid, commit]));
  const old = seen === null || !byOid.has(seen) ? new Set<string>() : reach(byOid, seen);
  const states = [...new Set(candidates)]
    .filter(oid => oid !== head && byOid.has(oid) && !old.has(oid))
    .map(oid => ({ oid, contains: reach(byOid, oid) }))
    .sort((a, b) => b.contains.size - a.contains.size);
  const chain = [head];
  let next = reach(byOid, head);
  for (const { oid, contains } of states) {
    if (!next.has(oid)) continue;
    chain.push(oid);
    next = contains;
  }
  return chain.reverse();
}

/** A commit and all that it contains, as far as the commits are known. */
function reach(byOid: ReadonlyMap<string, CommitFact>, from: string): Set<string> {
  const found = new Set<string>();
  const open = [from];
  for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
    if (found.has(oid) || !byOid.has(oid)) continue;
    found.add(oid);
    open.push(...(byOid.get(oid)?.parents ?? []));
  }
  return found;
}
