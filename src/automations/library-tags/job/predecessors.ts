import { findSkipMarker } from '../skip-marker.ts';
import type { Decision, Snapshot } from '../snapshot.ts';

/**
 * How many earlier states of the branch since the base have no version yet: commits on the line of first parents, without
 * those that ask for none. With merge commits there is mostly none, because each merge had its own pipeline.
 */
export function predecessorsOf(
  snapshot: Pick<Snapshot, 'commit' | 'commits' | 'tags'>,
  decision: Pick<Decision, 'base'>,
): number {
  if (decision.base === null) return 0;
  const byOid = new Map(snapshot.commits.map(commit => [commit.oid, commit]));
  const base = snapshot.tags.find(({ name }) => name === decision.base)?.peeled;
  let count = 0;
  let oid = byOid.get(snapshot.commit)?.parents[0];
  while (oid !== undefined && oid !== base) {
    const commit = byOid.get(oid);
    if (!commit) break;
    if (findSkipMarker(commit.message, [], []) === null) count += 1;
    oid = commit.parents[0];
  }
  return count;
}
