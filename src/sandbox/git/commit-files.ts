import { GitError } from './git-error.ts';
import { formatIdentity } from './identity.ts';
import type { ObjectStore } from './object-store.ts';
import { entryAt } from './paths.ts';
import { gitLine } from './run-git.ts';
import type { FileAction, FilesChange } from './types.ts';

/** What becomes of one path: gone, or a mode with new content or with the blob it had. */
type Change = null | { mode: string; content: Buffer } | { mode: string; blobId: string };

const EXISTS = 'A file with this name already exists';
const DIRECTORY_EXISTS = 'A directory with this name already exists';
const MISSING = "A file with this name doesn't exist";

/** GitLab's Gitlab::PathTraversal and git's own rules: what may never be a path in a tree. */
export function checkFilePath(path: string): string {
  const parts = path.split('/');
  if (path === '' || path.includes('\0')) throw new GitError('invalid', 'invalid path: The path cannot be empty');
  if (parts.includes('..')) throw new GitError('invalid', 'Path cannot include directory traversal');
  if (parts.some(part => part === '' || part === '.' || part.toLowerCase() === '.git')) {
    throw new GitError('invalid', `invalid path: '${path}'`);
  }
  return path;
}

/** Only ever exists inside one run of fast-import, and only one write runs at a time. */
const scratchRef = 'refs/tmp/commit-files';

/** Applies the actions one after the other on top of a tree, in memory; GitLab's refusals when one does not fit. */
async function planChanges(
  objects: ObjectStore,
  baseTree: string | null,
  actions: FileAction[],
): Promise<Map<string, Change>> {
  const changes = new Map<string, Change>();
  const stateOf = async (path: string): Promise<Change | 'directory'> => {
    const planned = changes.get(path);
    if (planned !== undefined) return planned;
    for (const [other, change] of changes) if (change !== null && other.startsWith(`${path}/`)) return 'directory';
    const entry = baseTree === null ? null : await entryAt(objects, baseTree, path);
    if (entry === null) return null;
    return entry.type === 'tree' ? 'directory' : { mode: entry.mode, blobId: entry.id };
  };
  const existing = async (path: string) => {
    const state = await stateOf(path);
    if (state === null || state === 'directory') throw new GitError('not-found', MISSING);
    return state;
  };
  const vacant = async (path: string) => {
    const state = await stateOf(path);
    if (state !== null) throw new GitError('exists', state === 'directory' ? DIRECTORY_EXISTS : EXISTS);
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth += 1) {
      const above = await stateOf(parts.slice(0, depth).join('/'));
      if (above !== null && above !== 'directory') throw new GitError('exists', EXISTS);
    }
  };
  for (const action of actions) {
    const path = checkFilePath(action.path);
    const mode = (before: string) =>
      action.executable === undefined ? before : action.executable ? '100755' : '100644';
    switch (action.action) {
      case 'create':
        await vacant(path);
        changes.set(path, { mode: mode('100644'), content: action.content ?? Buffer.alloc(0) });
        break;
      case 'update':
        changes.set(path, { mode: mode((await existing(path)).mode), content: action.content ?? Buffer.alloc(0) });
        break;
      case 'delete':
        await existing(path);
        changes.set(path, null);
        break;
      case 'move': {
        const from = checkFilePath(action.previousPath ?? '');
        const before = await existing(from);
        await vacant(path);
        changes.set(from, null);
        changes.set(path, action.content === undefined ? before : { mode: before.mode, content: action.content });
        break;
      }
      case 'chmod':
        changes.set(path, { ...(await existing(path)), mode: action.executable === true ? '100755' : '100644' });
        break;
    }
  }
  return changes;
}

/** A path as fast-import reads it: always quoted, every byte outside plain ASCII in octal. */
export function quotePath(path: string): string {
  let quoted = '';
  for (const byte of Buffer.from(path)) {
    const plain = byte > 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    quoted += plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
  }
  return `"${quoted}"`;
}

/** A `data` command of fast-import, which takes any bytes. */
export function importData(content: Buffer | string): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n')]);
}

/** Writes one commit that changes files, with no work tree and one git process; moves no ref, gives its sha. */
export async function writeFilesCommit(
  objects: ObjectStore,
  change: FilesChange,
  parent: { sha: string; treeSha: string } | null,
): Promise<string> {
  const changes = await planChanges(objects, parent?.treeSha ?? null, change.actions);
  const script: Buffer[] = [
    Buffer.from(
      `commit ${scratchRef}\nmark :1\nauthor ${formatIdentity(change.author)}\n` +
        `committer ${formatIdentity(change.committer ?? change.author)}\n`,
    ),
    importData(change.message),
    Buffer.from(parent === null ? '' : `from ${parent.sha}\n`),
  ];
  // Deletions first: a file may have made way for a directory of the same name, or the other way round.
  for (const [path, state] of changes) if (state === null) script.push(Buffer.from(`D ${quotePath(path)}\n`));
  for (const [path, state] of changes) {
    if (state === null) continue;
    if ('blobId' in state) script.push(Buffer.from(`M ${state.mode} ${state.blobId} ${quotePath(path)}\n`));
    else script.push(Buffer.from(`M ${state.mode} inline ${quotePath(path)}\n`), importData(state.content));
  }
  script.push(Buffer.from('\nget-mark :1\n'));
  // The scratch ref ends deleted within the same run: fast-import writes objects only for a ref.
  script.push(Buffer.from(`reset ${scratchRef}\nfrom ${'0'.repeat(40)}\n\n`));
  return gitLine(objects.directory, ['fast-import', '--quiet', '--force', '--date-format=raw'], Buffer.concat(script));
}
