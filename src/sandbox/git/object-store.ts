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
    const object = await this.#reader.contents(`${sha}^{commit}`);
    return object === null ? null : this.#keepCommit(object);
  }

  async tag(sha: string): Promise<TagObject | null> {
    const known = this.#tags.get(sha);
    if (known !== undefined) return known;
    const object = await this.#reader.contents(sha);
    if (object?.type !== 'tag') return null;
    const tag = parseTag(object.content);
    this.#tags.set(sha, tag);
    return tag;
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

  #keepCommit(object: GitObject): CommitInfo {
    const commit = parseCommit(object.sha, object.content);
    this.#commits.set(object.sha, commit);
    return commit;
  }
}
