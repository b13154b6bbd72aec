import { BoundedCache } from './bounded-cache.ts';
import { type GitObject, ObjectReader } from './object-reader.ts';
import { parseCommit, parseTag, parseTree, type TagObject } from './parse-objects.ts';
import { gitLine } from './run-git.ts';
import type { CommitInfo, TreeEntry } from './types.ts';

/** The tree with nothing in it, which git knows without having it. */
export const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

const SHA = /^[0-9a-f]{40}$/;

export function isSha(text: string): boolean {
  return SHA.test(text);
}

/** The objects of one repository, parsed; everything is immutable by its sha and therefore cached. */
export class ObjectStore {
  readonly directory: string;
  readonly #reader: ObjectReader;
  readonly #commits = new BoundedCache<CommitInfo>(60_000);
  readonly #reading = new Map<string, Promise<{ commit?: CommitInfo; tag?: TagObject } | null>>();
  readonly #tags = new BoundedCache<TagObject>(60_000);
  readonly #trees = new BoundedCache<Omit<TreeEntry, 'path'>[]>(200_000);
  readonly #blobs = new BoundedCache<Buffer>(32 * 1024 * 1024);

  constructor(directory: string) {
    this.directory = directory;
    this.#reader = new ObjectReader(directory);
  }

  /** What a full or abbreviated sha stands for, without its content. */
  find(sha: string): Promise<GitObject | null> {
    return this.#reader.info(sha);
  }

  /** The commit a full or abbreviated sha (of a commit or an annotated tag) leads to. */
  async peel(sha: string): Promise<CommitInfo | null> {
    const known = this.#commits.get(sha);
    if (known !== undefined) return known;
    const tagged = this.#tags.get(sha);
    if (tagged !== undefined) return this.#target(tagged);
    const read = await this.#readOnce(sha);
    return read?.tag === undefined ? (read?.commit ?? null) : this.#target(read.tag);
  }

  /** The annotated tag with this sha; null if it is something else. */
  async tag(sha: string): Promise<TagObject | null> {
    const known = this.#tags.get(sha);
    if (known !== undefined) return known;
    if (this.#commits.get(sha) !== undefined) return null;
    return (await this.#readOnce(sha))?.tag ?? null;
  }

  /** Reads what is not cached in one go; the order of the shas is kept, unknown ones are left out. */
  async commits(shas: string[]): Promise<CommitInfo[]> {
    const commits = await Promise.all(shas.map(sha => this.peel(sha)));
    return commits.filter(commit => commit !== null);
  }

  async tree(sha: string): Promise<Omit<TreeEntry, 'path'>[] | null> {
    const known = this.#trees.get(sha);
    if (known !== undefined) return known;
    const object = await this.#reader.contents(sha);
    if (object?.type !== 'tree') return null;
    const entries = parseTree(object.content);
    this.#trees.set(sha, entries, entries.length + 1);
    return entries;
  }

  async blob(sha: string): Promise<Buffer | null> {
    const known = this.#blobs.get(sha);
    if (known !== undefined) return known;
    const object = await this.#reader.contents(sha);
    if (object?.type !== 'blob') return null;
    this.#blobs.set(sha, object.content, object.size + 64);
    return object.content;
  }

  /** Writes one object through git, which checks its form; gives its sha. */
  write(type: 'commit' | 'tag' | 'blob', content: Buffer | string): Promise<string> {
    return gitLine(this.directory, ['hash-object', '-w', '-t', type, '--stdin'], content);
  }

  close(): void {
    this.#reader.close();
  }

  async #target({ targetType, target }: TagObject): Promise<CommitInfo | null> {
    return targetType === 'commit' || targetType === 'tag' ? this.peel(target) : null;
  }

  /** Fifty tags on one commit ask for it at the same moment; it is read once. */
  #readOnce(sha: string): Promise<{ commit?: CommitInfo; tag?: TagObject } | null> {
    let reading = this.#reading.get(sha);
    if (reading === undefined) {
      reading = this.#read(sha).finally(() => this.#reading.delete(sha));
      this.#reading.set(sha, reading);
    }
    return reading;
  }

  async #read(sha: string): Promise<{ commit?: CommitInfo; tag?: TagObject } | null> {
    // An abbreviated name has to say what it is for: it may be short for a blob too.
    const object = await this.#reader.contents(isSha(sha) ? sha : `${sha}^{commit}`);
    if (object?.type === 'commit') {
      const commit = parseCommit(object.sha, object.content);
      this.#commits.set(object.sha, commit);
      return { commit };
    }
    if (object?.type !== 'tag') return null;
    const tag = parseTag(object.content);
    this.#tags.set(object.sha, tag);
    return { tag };
  }
}
