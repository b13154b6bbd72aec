import { GitError } from './git-error.ts';
import { Mutex } from './mutex.ts';
import { isSha, ObjectStore } from './object-store.ts';
import { RefStore } from './ref-store.ts';
import { gitLine, tryGit } from './run-git.ts';
import type { RefUpdate, UpdateListener } from './types.ts';

/** What the operations of one repository share. */
export interface Store {
  directory: string;
  objects: ObjectStore;
  refs: RefStore;
  /** Held by whoever moves refs, a push over HTTP included. */
  writes: Mutex;
  listeners: UpdateListener[];
  /** The default branch, once it has been read. */
  head: string | null;
}

export function openStore(directory: string): Store {
  return {
    directory,
    objects: new ObjectStore(directory),
    refs: new RefStore(directory),
    writes: new Mutex(),
    listeners: [],
    head: null,
  };
}

/** Runs a change alone, then tells the listeners, outside the lock: they may write in turn. */
export async function write<T>(
  store: Store,
  change: () => Promise<{ updates: RefUpdate[]; result: T }>,
  by: string | null = null,
): Promise<T> {
  const { updates, result } = await store.writes.run(change);
  if (updates.length > 0) for (const listener of store.listeners) await listener(updates, by);
  return result;
}

/** The branch HEAD names, whether it exists or not. */
export async function headBranch(store: Store): Promise<string> {
  store.head ??= (await gitLine(store.directory, ['symbolic-ref', 'HEAD'])).slice('refs/heads/'.length);
  return store.head;
}

/** git's own order for a short name (gitrevisions(7)): as it stands, then tag, then branch. */
async function refTarget(store: Store, name: string): Promise<string | undefined> {
  const refs = await store.refs.all();
  for (const ref of [name, `refs/${name}`, `refs/tags/${name}`, `refs/heads/${name}`]) {
    const sha = ref.startsWith('refs/') ? refs.get(ref) : undefined;
    if (sha !== undefined) return sha;
  }
  return undefined;
}

const ABBREVIATED = /^[0-9a-f]{4,39}$/;

/** A revision -> the sha of a commit. Anything that is not a ref or a sha (`main~2`) is git's to read. */
export async function resolveRevision(store: Store, revision: string): Promise<string | null> {
  if (revision === '' || revision.startsWith('-') || /[\0\n]/.test(revision)) return null;
  const { objects } = store;
  if (isSha(revision)) return (await objects.peel(revision))?.sha ?? null;
  const name = revision === 'HEAD' || revision === '@' ? `refs/heads/${await headBranch(store)}` : revision;
  const target = await refTarget(store, name);
  if (target !== undefined) return (await objects.peel(target))?.sha ?? null;
  if (revision === 'HEAD' || revision === '@') return null;
  if (ABBREVIATED.test(revision)) return (await objects.peel(revision))?.sha ?? null;
  if (!/[~^@:-]/.test(revision)) return null;
  const result = await tryGit(store.directory, [
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${revision}^{commit}`,
  ]);
  return result.code === 0 ? result.stdout.toString('utf8').trim() : null;
}

/** As resolveRevision, for revisions that must exist. */
export async function requireRevision(store: Store, revision: string): Promise<string> {
  const sha = await resolveRevision(store, revision);
  if (sha === null) throw new GitError('not-found', `unknown revision: ${revision}`);
  return sha;
}
