import { importData, quotePath } from './commit-files.ts';
import { GitError } from './git-error.ts';
import { formatIdentity } from './identity.ts';
import { isSha } from './object-store.ts';
import { refOf } from './ref-name.ts';
import { storeOf } from './repository.ts';
import { runGit } from './run-git.ts';
import { importTags, type TagToImport } from './tag-import.ts';
import type { Identity, Repository } from './types.ts';

/** One step of a scripted history; steps see everything before them. Commits are named by `branch` or by their `mark`. */
export type HistoryStep =
  | {
      commit: string;
      branch: string;
      author: Identity;
      committer?: Identity;
      /** path -> content; null deletes. Symlinks, submodules and executables give their mode. */
      files?: Record<
        string,
        string | Buffer | null | { mode: '100755' | '120000' | '160000'; content: string | Buffer }
      >;
      /** For a new branch: the branch, mark or sha it starts from. */
      from?: string;
      /** Branches, marks or shas merged in; the files are the result of the merge, relative to `branch`. */
      merge?: string[];
      mark?: string;
    }
  | { branch: string; at: string }
  | { tag: string; at: string; message?: string; tagger?: Identity };

interface Writer {
  chunks: Buffer[];
  /** Name of a branch or mark -> what fast-import calls the commit. */
  names: Map<string, string>;
  marks: number;
}

function put(writer: Writer, text: string): void {
  writer.chunks.push(Buffer.from(text));
}

function find(writer: Writer, name: string): string {
  const known = writer.names.get(name) ?? (isSha(name) ? name : undefined);
  if (known === undefined) throw new GitError('not-found', `no branch, mark or sha: ${name}`);
  return known;
}

function putCommit(writer: Writer, step: Extract<HistoryStep, { commit: string }>): void {
  writer.marks += 1;
  const mark = `:${writer.marks}`;
  const start = step.from === undefined ? writer.names.get(step.branch) : find(writer, step.from);
  put(writer, `commit ${refOf('heads', step.branch)}\nmark ${mark}\nauthor ${formatIdentity(step.author)}\n`);
  put(writer, `committer ${formatIdentity(step.committer ?? step.author)}\n`);
  writer.chunks.push(importData(step.commit));
  if (start !== undefined) put(writer, `from ${start}\n`);
  for (const other of step.merge ?? []) put(writer, `merge ${find(writer, other)}\n`);
  for (const [path, state] of Object.entries(step.files ?? {})) {
    if (state === null) put(writer, `D ${quotePath(path)}\n`);
    else if (typeof state === 'string' || Buffer.isBuffer(state)) {
      put(writer, `M 100644 inline ${quotePath(path)}\n`);
      writer.chunks.push(importData(state));
    } else if (state.mode === '160000') put(writer, `M 160000 ${state.content.toString()} ${quotePath(path)}\n`);
    else {
      put(writer, `M ${state.mode} inline ${quotePath(path)}\n`);
      writer.chunks.push(importData(state.content));
    }
  }
  put(writer, '\n');
  writer.names.set(step.branch, mark);
  if (step.mark !== undefined) writer.names.set(step.mark, mark);
}

/**
 * Writes a whole history with one git process: thousands of commits and tags a second. Gives the sha of every mark.
 * No listener is told: this is how a repository comes to be, before anybody looks.
 */
export async function buildHistory(repository: Repository, steps: Iterable<HistoryStep>): Promise<Map<string, string>> {
  const store = storeOf(repository);
  const writer: Writer = { chunks: [], names: new Map(), marks: 0 };
  const branches = await repository.branches();
  for (const { name, sha } of branches) writer.names.set(name, sha);
  const marked = new Map<string, string>();
  const tags: (Omit<TagToImport, 'sha'> & { at: string })[] = [];
  for (const step of steps) {
    if ('commit' in step) {
      putCommit(writer, step);
      if (step.mark !== undefined) marked.set(step.mark, writer.names.get(step.mark)!);
    } else if ('tag' in step) {
      const tagger = step.tagger ?? { name: 'Sandbox', email: 'sandbox@example.com' };
      tags.push({ ref: refOf('tags', step.tag), at: find(writer, step.at), message: step.message, tagger });
    } else {
      put(writer, `reset ${refOf('heads', step.branch)}\nfrom ${find(writer, step.at)}\n\n`);
      writer.names.set(step.branch, find(writer, step.at));
    }
  }
  const asked = new Set([...marked.values(), ...tags.map(tag => tag.at)].filter(name => name.startsWith(':')));
  for (const mark of asked) put(writer, `get-mark ${mark}\n`);
  return store.writes.run(async () => {
    const args = ['fast-import', '--quiet', '--force', '--date-format=raw'];
    const output = await runGit(store.directory, args, Buffer.concat(writer.chunks));
    await runGit(store.directory, ['pack-refs', '--all']);
    const lines = output.toString('utf8').split('\n');
    const shas = new Map([...asked].map((mark, index) => [mark, lines[index] ?? '']));
    const shaOf = (name: string) => shas.get(name) ?? name;
    if (tags.length > 0) {
      await importTags(
        store.directory,
        tags.map(({ at, ...tag }) => ({ ...tag, sha: shaOf(at) })),
      );
    }
    store.refs.forget();
    return new Map([...marked].map(([name, mark]) => [name, shaOf(mark)]));
  });
}
