import { GitError } from './git-error.ts';
import { formatIdentity } from './identity.ts';
import { refOf } from './ref-name.ts';
import { ZERO_SHA } from './ref-store.ts';
import { resolveRevision, type Store, write } from './store.ts';
import type { Identity, TagInfo } from './types.ts';

/** Describes one tag; null if it leads to no commit (a tag of a blob or a tree, which GitLab's API cannot show either). */
export async function describeTag(store: Store, name: string, target: string): Promise<TagInfo | null> {
  const tag = await store.objects.tag(target);
  const commit = await store.objects.peel(target);
  if (commit === null) return null;
  return { name, target, message: tag?.message ?? '', commit, createdAt: tag?.taggedDate ?? null };
}

/** All tags; what did not move since the last listing is taken over from it. */
export async function listTags(store: Store, before: readonly TagInfo[]): Promise<TagInfo[]> {
  const known = new Map(before.map(tag => [tag.name, tag]));
  const listing: Promise<TagInfo | null>[] = [];
  const found: (TagInfo | null)[] = [];
  for (const [ref, target] of await store.refs.all()) {
    if (!ref.startsWith('refs/tags/')) continue;
    const name = ref.slice('refs/tags/'.length);
    const same = known.get(name);
    if (same?.target === target) found.push(same);
    else listing.push(describeTag(store, name, target));
  }
  return [...found, ...(await Promise.all(listing))].filter(tag => tag !== null);
}

/** Makes a tag, annotated if it has a message; refusals in GitLab's words. */
export async function createTag(
  store: Store,
  tag: { name: string; revision: string; message?: string | undefined; tagger: Identity },
): Promise<TagInfo> {
  const ref = refOf('tags', tag.name);
  return write(store, async () => {
    if ((await store.refs.get(ref)) !== undefined) throw new GitError('exists', `Tag ${tag.name} already exists`);
    const sha = await resolveRevision(store, tag.revision);
    if (sha === null) throw new GitError('not-found', `Target ${tag.revision} is invalid`);
    const isAnnotated = tag.message !== undefined && tag.message !== '';
    const target = isAnnotated ? await writeTag(store, sha, tag.name, tag.message!, tag.tagger) : sha;
    const updates = await store.refs.move([{ ref, before: ZERO_SHA, after: target }]);
    return { updates, result: (await describeTag(store, tag.name, target))! };
  });
}

function writeTag(store: Store, sha: string, name: string, message: string, tagger: Identity): Promise<string> {
  const head = `object ${sha}\ntype commit\ntag ${name}\ntagger ${formatIdentity(tagger)}`;
  return store.objects.write('tag', `${head}\n\n${message.trimEnd()}\n`);
}
