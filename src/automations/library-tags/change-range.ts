import type { CommitFact } from './snapshot.ts';

const REVERTS = /^This reverts commit ([0-9a-f]{7,64})\b/m;

/**
 * The commits that `head` contains and `base` does not, out of facts that may reach further back than the base
 * (another module of the same repository may have an older one).
 */
export function commitsSince(commits: readonly CommitFact[], head: string, base: string | null): CommitFact[] {
  const byOid = new Map(commits.map(commit => [commit.oid, commit]));
  const old = base === null ? new Set<string>() : reach(byOid, base, new Set());
  return [...reach(byOid, head, old)].flatMap(oid => byOid.get(oid) ?? []);
}

function reach(byOid: ReadonlyMap<string, CommitFact>, from: string, without: ReadonlySet<string>): Set<string> {
  const seen = new Set<string>();
  const open = [from];
  for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
    if (seen.has(oid) || without.has(oid)) continue;
    seen.add(oid);
    open.push(...(byOid.get(oid)?.parents ?? []));
  }
  return seen;
}

/**
 * Without the changes that were taken back in the same range, and without the commits that took them back: a reverted
 * feature is no reason for a minor version. A revert that was itself reverted does not count.
 */
export function withoutReverted(commits: readonly CommitFact[]): CommitFact[] {
  const reverts = new Map<CommitFact, CommitFact>();
  for (const commit of commits) {
    const oid = REVERTS.exec(commit.message)?.[1];
    const reverted = oid === undefined ? undefined : commits.find(other => other.oid.startsWith(oid));
    if (reverted && reverted !== commit) reverts.set(commit, reverted);
  }
  const isUndone = (commit: CommitFact, seen: readonly CommitFact[]): boolean =>
    [...reverts].some(([by, of]) => of === commit && !seen.includes(by) && !isUndone(by, [...seen, commit]));
  const gone = new Set<CommitFact>();
  for (const [by, of] of reverts) {
    if (isUndone(by, [])) gone.add(by);
    else gone.add(by).add(of);
  }
  return commits.filter(commit => !gone.has(commit));
}
