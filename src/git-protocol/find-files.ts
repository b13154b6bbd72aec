import { type Commit, parseCommit } from './commit-object.ts';
import { fetchObjects } from './fetch-objects.ts';
import type { PackObject } from './pack-reader.ts';
import { malformed } from './pkt-line.ts';
import type { Remote } from './remote.ts';
import { pathBound, readTree } from './tree-object.ts';

export interface FoundFile {
  /** From the root of the repository, with slashes. */
  path: string;
  bytes: Buffer;
}

export interface FileQuery {
  commit: string;
  /** Whether a path is wanted; asked for every file of the commit, not for symbolic links. */
  wanted: (path: string) => boolean;
  /** `Capabilities.filter`. Without it the server sends every file, and those not wanted are forgotten. */
  filter: boolean;
  signal?: AbortSignal;
}

/**
 * A commit and the wanted files in it: its directories in one request, then the files together in a second one.
 */
export async function findFiles(remote: Remote, query: FileQuery): Promise<{ commit: Commit; files: FoundFile[] }> {
  const signal = query.signal ? { signal: query.signal } : {};
  const objects = await fetchObjects(remote, {
    wants: [query.commit],
    depth: 1,
    keep: ['commit', 'tree'],
    ...(query.filter ? { filter: 'blob:none' } : {}),
    ...signal,
  });
  const object = objects.get(query.commit);
  if (object?.type !== 'commit' || !object.bytes) throw malformed(`${query.commit} is not a commit`);
  const commit = parseCommit(query.commit, object.bytes);
  const paths = listFiles(objects, commit.tree);
  const wanted = paths.filter(({ path }) => query.wanted(path));
  const oids = [...new Set(wanted.map(({ oid }) => oid))];
  if (oids.length === 0) return { commit, files: [] };
  const blobs = await fetchObjects(remote, { wants: oids, keep: ['blob'], ...signal });
  const files = wanted.map(({ path, oid }) => {
    const bytes = blobs.get(oid)?.bytes;
    if (!bytes) throw malformed(`the server did not send ${path}`);
    return { path, bytes };
  });
  return { commit, files };
}

function listFiles(objects: ReadonlyMap<string, PackObject>, root: string): { path: string; oid: string }[] {
  const files: { path: string; oid: string }[] = [];
  const open = [{ oid: root, prefix: '' }];
  const bounded = pathBound();
  for (let tree = open.pop(); tree !== undefined; tree = open.pop()) {
    for (const entry of readTree(objects, tree.oid)) {
      const path = tree.prefix + entry.name;
      bounded(path);
      if (entry.kind === 'tree') open.push({ oid: entry.oid, prefix: `${path}/` });
      else if (entry.kind === 'file') files.push({ path, oid: entry.oid });
    }
  }
  return files;
}
