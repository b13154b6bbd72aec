import type { ObjectStore } from './object-store.ts';
import type { TreeEntry } from './types.ts';

/**
 * The entry at a path, found by walking the tree objects: every step is cached by sha, and no path (one that starts
 * with `./`, holds a newline or looks like an option) is ever read as something else by a git command.
 */
export async function entryAt(objects: ObjectStore, treeSha: string, path: string): Promise<TreeEntry | null> {
  const parts = path.split('/').filter(part => part !== '');
  let current: TreeEntry = { id: treeSha, name: '', type: 'tree', path: '', mode: '040000' };
  for (const part of parts) {
    if (current.type !== 'tree') return null;
    const entries = await objects.tree(current.id);
    const found = entries?.find(entry => entry.name === part);
    if (found === undefined) return null;
    current = { ...found, path: current.path === '' ? part : `${current.path}/${part}` };
  }
  return current;
}

/**
 * Lists a directory. GitLab sorts directories first, then files, then submodules when not recursive; when recursive, it
 * gives everything in the tree's own order, a directory before what is in it.
 */
export async function listTree(objects: ObjectStore, root: TreeEntry, recursive: boolean): Promise<TreeEntry[]> {
  const list: TreeEntry[] = [];
  const entries = (await objects.tree(root.id)) ?? [];
  const prefix = root.path === '' ? '' : `${root.path}/`;
  for (const entry of entries) {
    const found: TreeEntry = {
      id: entry.id,
      name: entry.name,
      type: entry.type,
      path: `${prefix}${entry.name}`,
      mode: entry.mode,
    };
    list.push(found);
    if (recursive && entry.type === 'tree') list.push(...(await listTree(objects, found, true)));
  }
  if (recursive) return list;
  const rank = { tree: 0, blob: 1, commit: 2 };
  return list.sort((a, b) => rank[a.type] - rank[b.type]);
}
