import { malformed } from './pkt-line.ts';

export interface Commit {
  oid: string;
  tree: string;
  parents: string[];
  /** The whole message as text; bytes that are no text in the commit's own encoding become U+FFFD. */
  message: string;
  /** Name, address and time of the committer as the object has them: `Ada <ada@example.com> 1700000000 +0100`. */
  committer: string;
}

/**
 * Reads a commit object.
 *
 * @throws SignalboxError SBX_REMOTE_UNEXPECTED when it has no tree
 */
export function parseCommit(oid: string, bytes: Buffer): Commit {
  const blank = bytes.indexOf('\n\n');
  const headers = bytes.toString('latin1', 0, blank < 0 ? bytes.length : blank).split('\n');
  const value = (key: string): string | undefined =>
    headers.find(line => line.startsWith(`${key} `))?.slice(key.length + 1);
  const tree = value('tree');
  if (tree === undefined) throw malformed(`the commit ${oid} cannot be read`);
  return {
    oid,
    tree,
    parents: headers.filter(line => line.startsWith('parent ')).map(line => line.slice(7)),
    message: decode(blank < 0 ? Buffer.alloc(0) : bytes.subarray(blank + 2), value('encoding') ?? 'utf-8'),
    committer: decode(Buffer.from(value('committer') ?? '', 'latin1'), value('encoding') ?? 'utf-8'),
  };
}

function decode(bytes: Buffer, encoding: string): string {
  try {
    return new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes.toString('utf8');
  }
}
