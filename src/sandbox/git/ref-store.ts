import { GitError } from './git-error.ts';
import { runGit, tryGit } from './run-git.ts';
import type { RefUpdate } from './types.ts';

export const ZERO_SHA = '0'.repeat(40);

/**
 * All refs of one repository, read once and then kept in step: our own writes and pushes say what they moved, so that a
 * repository with 50,000 tags is not listed again for each.
 */
export class RefStore {
  readonly #directory: string;
  #refs: Promise<Map<string, string>> | null = null;
  #generation = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Rises with every change: what is derived from the refs may be kept as long as it stays the same. */
  get generation(): number {
    return this.#generation;
  }

  /** Full ref name -> sha it points at (a tag object's, if annotated). Not to be changed by the caller. */
  all(): Promise<ReadonlyMap<string, string>> {
    if (this.#refs === null) {
      const reading = this.#list([]);
      this.#refs = reading;
      reading.catch(() => {
        if (this.#refs === reading) this.#refs = null;
      });
    }
    return this.#refs;
  }

  async get(ref: string): Promise<string | undefined> {
    return (await this.all()).get(ref);
  }

  /** Forgets everything: for changes nobody told us about. */
  forget(): void {
    this.#refs = null;
    this.#generation += 1;
  }

  /** Moves refs, all or none. `before` 40 zeros = must not exist; undefined = whatever it is now. */
  async move(moves: { ref: string; before?: string | undefined; after: string }[]): Promise<RefUpdate[]> {
    const refs = await this.all();
    const updates = moves.map(({ ref, after }) => ({ ref, before: refs.get(ref) ?? ZERO_SHA, after }));
    const lines = moves.map(({ ref, before, after }) =>
      before === undefined ? `update ${ref}\0${after}\0\0` : `update ${ref}\0${after}\0${before}\0`,
    );
    const result = await tryGit(this.#directory, ['update-ref', '--stdin', '-z'], lines.join(''));
    if (result.code !== 0) throw new GitError('conflict', result.stderr.replace(/^(?:fatal|error): /gm, '').trim());
    return this.#apply(updates);
  }

  /** What has become of these refs, by asking git: after a push or an import. Gives only those that really moved. */
  async reread(names: string[]): Promise<RefUpdate[]> {
    const refs = await this.all();
    const now = new Map<string, string>();
    // A pattern also matches everything below it, and a name may not be a pattern: exact names are picked out below.
    for (let start = 0; start < names.length; start += 500) {
      const some = names.slice(start, start + 500);
      for (const [ref, sha] of await this.#list(some)) now.set(ref, sha);
    }
    const updates = names.map(ref => ({ ref, before: refs.get(ref) ?? ZERO_SHA, after: now.get(ref) ?? ZERO_SHA }));
    return this.#apply(updates.filter(update => update.before !== update.after));
  }

  async #apply(updates: RefUpdate[]): Promise<RefUpdate[]> {
    const refs = (await this.all()) as Map<string, string>;
    for (const { ref, after } of updates) {
      if (after === ZERO_SHA) refs.delete(ref);
      else refs.set(ref, after);
    }
    if (updates.length > 0) this.#generation += 1;
    return updates;
  }

  async #list(patterns: string[]): Promise<Map<string, string>> {
    const output = await runGit(this.#directory, ['for-each-ref', '--format=%(objectname) %(refname)', ...patterns]);
    const refs = new Map<string, string>();
    for (const line of output.toString('utf8').split('\n')) {
      if (line !== '') refs.set(line.slice(41), line.slice(0, 40));
    }
    return refs;
  }
}
