import { GitError } from './git-error.ts';
import { refOf } from './ref-name.ts';
import { ZERO_SHA } from './ref-store.ts';
import { gitLine } from './run-git.ts';
import { resolveRevision, type Store, write } from './store.ts';

/** All branches, sorted by name. */
export async function listBranches(store: Store): Promise<{ name: string; sha: string }[]> {
  const branches: { name: string; sha: string }[] = [];
  for (const [ref, sha] of await store.refs.all()) {
    if (ref.startsWith('refs/heads/')) branches.push({ name: ref.slice('refs/heads/'.length), sha });
  }
  return branches.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Makes a branch; refusals in GitLab's words. */
export async function createBranch(store: Store, name: string, revision: string): Promise<void> {
  const ref = refOf('heads', name);
  return write(store, async () => {
    if ((await store.refs.get(ref)) !== undefined) throw new GitError('exists', 'Branch already exists');
    const after = await resolveRevision(store, revision);
    if (after === null) throw new GitError('not-found', `Invalid reference name: ${revision}`);
    return { updates: await store.refs.move([{ ref, before: ZERO_SHA, after }]), result: undefined };
  });
}

/** Removes a ref that must be there. */
export async function deleteRef(store: Store, ref: string, missing: string): Promise<void> {
  return write(store, async () => {
    const before = await store.refs.get(ref);
    if (before === undefined) throw new GitError('not-found', missing);
    return { updates: await store.refs.move([{ ref, before, after: ZERO_SHA }]), result: undefined };
  });
}

/** Branches and tags that contain a commit. */
export async function refsContaining(store: Store, sha: string): Promise<{ type: 'branch' | 'tag'; name: string }[]> {
  const args = ['for-each-ref', '--format=%(refname)', `--contains=${sha}`, 'refs/heads', 'refs/tags'];
  const refs = (await gitLine(store.directory, args)).split('\n').filter(ref => ref !== '');
  return refs.map(ref =>
    ref.startsWith('refs/heads/')
      ? { type: 'branch', name: ref.slice('refs/heads/'.length) }
      : { type: 'tag', name: ref.slice('refs/tags/'.length) },
  );
}
