import { runGit } from './run-git.ts';
import type { FileDiff } from './types.ts';

interface RawEntry {
  aMode: string;
  bMode: string;
  status: string;
  oldPath: string;
  newPath: string;
}

/** Reads the `--raw -z` part; gives the entries and where the patches begin. */
function parseRaw(output: Buffer): { entries: RawEntry[]; end: number } {
  const entries: RawEntry[] = [];
  let at = 0;
  const field = () => {
    const end = output.indexOf(0, at);
    const text = output.toString('utf8', at, end);
    at = end + 1;
    return text;
  };
  while (output[at] === 0x3a) {
    const [aMode = '', bMode = '', , , status = ''] = field().slice(1).split(' ');
    const oldPath = field();
    const newPath = status.startsWith('R') || status.startsWith('C') ? field() : oldPath;
    entries.push({ aMode, bMode, status, oldPath, newPath });
  }
  return { entries, end: at };
}

/** Cuts the patches apart: only a file header has `diff --git ` at the start of a line, all content is indented by one. */
function splitPatches(text: string): string[] {
  return text
    .split(/^(?=diff --git )/m)
    .map(part => part.trimStart())
    .filter(part => part.startsWith('diff --git '));
}

/** What GitLab shows of a patch: from the first hunk on, or the one line about a binary file. */
function patchBody(patch: string): string {
  const match = /^(?:@@ |Binary files )/m.exec(patch);
  return match === null ? '' : patch.slice(match.index);
}

/** Compares two commits or trees with renames found, file by file. */
export async function diffTrees(directory: string, from: string, to: string): Promise<FileDiff[]> {
  const flags = ['-r', '-z', '--raw', '--patch', '-M', '--full-index', '--no-color', '--no-ext-diff', '--no-textconv'];
  const output = await runGit(directory, ['diff-tree', ...flags, from, to]);
  const { entries, end } = parseRaw(output);
  const patches = splitPatches(output.subarray(end).toString('utf8').replace(/^\0/, ''));
  let next = 0;
  return entries.map(entry => {
    let diff = patchBody(patches[next] ?? '');
    next += 1;
    // A file that became a symlink is two patches: gone, and new.
    if (entry.status.startsWith('T')) {
      diff += patchBody(patches[next] ?? '');
      next += 1;
    }
    const zero = (mode: string) => (mode === '000000' ? '0' : mode);
    return {
      oldPath: entry.oldPath,
      newPath: entry.newPath,
      aMode: zero(entry.aMode),
      bMode: zero(entry.bMode),
      newFile: entry.status.startsWith('A'),
      renamedFile: entry.status.startsWith('R'),
      deletedFile: entry.status.startsWith('D'),
      diff,
    };
  });
}

/** Lines added and deleted; binary files count nothing. */
export async function diffStats(
  directory: string,
  from: string,
  to: string,
): Promise<{ additions: number; deletions: number; total: number }> {
  const output = await runGit(directory, ['diff-tree', '-r', '--numstat', '-M', from, to]);
  let additions = 0;
  let deletions = 0;
  for (const match of output.toString('utf8').matchAll(/^(\d+)\t(\d+)\t/gm)) {
    additions += Number(match[1]);
    deletions += Number(match[2]);
  }
  return { additions, deletions, total: additions + deletions };
}
