import { malformed } from './pkt-line.ts';

export interface TreeEntry {
  name: string;
  oid: string;
  kind: 'tree' | 'file' | 'symlink' | 'submodule';
}

/** Reads a tree object: `<mode> <name>\0<binary id>` again and again. */
export function parseTree(bytes: Buffer, oidBytes: number): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, space);
    if (space < 0 || end < 0 || end + 1 + oidBytes > bytes.length) throw malformed('a tree cannot be read');
    entries.push({
      name: bytes.toString('utf8', space + 1, end),
      oid: bytes.toString('hex', end + 1, end + 1 + oidBytes),
      kind: kindOf(bytes.toString('latin1', at, space)),
    });
    at = end + 1 + oidBytes;
  }
  return entries;
}

function kindOf(mode: string): TreeEntry['kind'] {
  if (mode === '40000' || mode === '040000') return 'tree';
  if (mode === '120000') return 'symlink';
  return mode === '160000' ? 'submodule' : 'file';
}
