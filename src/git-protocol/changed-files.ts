import { parseCommit } from './commit-object.ts';
import { fetchObjects } from './fetch-objects.ts';
import type { PackObject } from './pack-reader.ts';
import { malformed } from './pkt-line.ts';
import type { Remote } from './remote.ts';
import { pathBound, readTree, type TreeEntry } from './tree-object.ts';

/** Which files differ between two commits: one request for their directories, no file contents. */
export async function changedFiles(
  remote: Remote,
  query: { from: string; to: string; filter: boolean; signal?: AbortSignal },
): Promise<string[]> {
  const objects = await fetchObjects(remote, {
    wants: [query.from, query.to],
    depth: 1,
    keep: ['commit', 'tree'],
    ...(query.filter ? { filter: 'blob:none' } : {}),
    ...(query.signal ? { signal: query.signal } : {}),
  });
  const changed: string[] = [];
  const roots: TreePair = { from: rootOf(objects, query.from), to: rootOf(objects, query.to), prefix: '' };
  const open = [roots];
  const bounded = pathBound();
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const { prefix } = pair;
    const before = entriesOf(objects, pair.from);
    const after = entriesOf(objects, pair.to);
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      bounded(prefix + name);
      const [old, now] = [before.get(name), after.get(name)];
      if (old?.oid === now?.oid && old?.mode === now?.mode) continue;
      const oldTree = old?.kind === 'tree' ? old.oid : null;
      const nowTree = now?.kind === 'tree' ? now.oid : null;
      if (oldTree ?? nowTree) open.push({ from: oldTree, to: nowTree, prefix: `${prefix}${name}/` });
      if ((old && !oldTree) || (now && !nowTree)) changed.push(prefix + name);
    }
  }
  return changed.sort();
}

function rootOf(objects: ReadonlyMap<string, PackObject>, oid: string): string {
  const object = objects.get(oid);
  if (object?.type !== 'commit' || !object.bytes) throw malformed(`${oid} is not a commit`);
  return parseCommit(oid, object.bytes).tree;
}

interface TreePair {
  from: string | null;
  to: string | null;
  prefix: string;
}

function entriesOf(objects: ReadonlyMap<string, PackObject>, tree: string | null): Map<string, TreeEntry> {
  return new Map(tree === null ? [] : readTree(objects, tree).map(entry => [entry.name, entry]));
}
