import { SignalboxError } from '../errors.ts';
import { objectId } from './object-id.ts';
import type { PackObject } from './pack-reader.ts';
import { malformed } from './pkt-line.ts';

export interface TreeEntry {
  name: string;
  oid: string;
  /** As in the object: `100644`, `100755`, `40000`, … */
  mode: string;
  kind: 'tree' | 'file' | 'symlink' | 'submodule';
}

/** Reads a tree object: `<mode> <name>\0<binary id>` again and again. */
function parseTree(bytes: Buffer, oidBytes: number): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, space);
    if (space < 0 || end < 0 || end + 1 + oidBytes > bytes.length) throw malformed('a tree cannot be read');
    const mode = bytes.toString('latin1', at, space);
    entries.push({
      name: bytes.toString('utf8', space + 1, end),
      oid: bytes.toString('hex', end + 1, end + 1 + oidBytes),
      mode,
      kind: kindOf(mode),
    });
    at = end + 1 + oidBytes;
  }
  return entries;
}

/** A tree out of fetched objects, which must have it; the empty tree is known to every git and need not be sent. */
export function readTree(objects: ReadonlyMap<string, PackObject>, oid: string): TreeEntry[] {
  const bytes = objects.get(oid)?.bytes;
  if (bytes) return parseTree(bytes, oid.length / 2);
  const format = oid.length === 40 ? 'sha1' : 'sha256';
  if (oid === objectId(format, 'tree', Buffer.alloc(0))) return [];
  throw malformed(`the server did not send the directory ${oid}`);
}

/** More than the largest repositories have. */
const MOST_PATHS = 1_000_000;
/** As file systems have it. */
const LONGEST_PATH = 4096;

/**
 * Counts the paths that are met on the way through directories: twenty of them can name each other so that they stand for
 * thousands of millions of files.
 *
 * @throws SignalboxError SBX_GIT_ANSWER_TOO_LARGE
 */
export function pathBound(): (path: string) => void {
  let count = 0;
  return path => {
    count += 1;
    if (count <= MOST_PATHS && path.length <= LONGEST_PATH) return;
    const what = count > MOST_PATHS ? `has more than ${MOST_PATHS} files` : `has a path of ${path.length} characters`;
    throw new SignalboxError('SBX_GIT_ANSWER_TOO_LARGE', `git: a commit ${what}`);
  };
}

function kindOf(mode: string): TreeEntry['kind'] {
  if (mode === '40000' || mode === '040000') return 'tree';
  if (mode === '120000') return 'symlink';
  return mode === '160000' ? 'submodule' : 'file';
}
