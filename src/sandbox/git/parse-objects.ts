import { parseIdentity } from './identity.ts';
import { parseTrailers } from './trailers.ts';
import type { CommitInfo, TreeEntry } from './types.ts';

/** Splits `header lines, empty line, message`; continuation lines (a signature's) are dropped with their header. */
function splitObject(content: Buffer): { headers: [string, string][]; message: Buffer } {
  const end = content.indexOf('\n\n');
  const head = (end < 0 ? content : content.subarray(0, end)).toString('utf8');
  const headers: [string, string][] = [];
  for (const line of head.split('\n')) {
    const space = line.indexOf(' ');
    if (space > 0) headers.push([line.slice(0, space), line.slice(space + 1)]);
  }
  return { headers, message: end < 0 ? Buffer.alloc(0) : content.subarray(end + 2) };
}

/** Old commits may be in Latin-1 and say so; what is not valid in its encoding is shown with replacement characters. */
function decode(bytes: Buffer, encoding: string | undefined): string {
  if (encoding === undefined) return bytes.toString('utf8');
  try {
    return new TextDecoder(encoding).decode(bytes);
  } catch {
    return bytes.toString('utf8');
  }
}

/** GitLab's Commit#title: the first line, and from 100 characters on cut at a word to 81 with three dots. */
export function commitTitle(message: string): string {
  const line = message.split(/[\r\n]/, 1)[0] ?? '';
  if (message.trim() === '') return 'No commit message';
  const characters = Array.from(line);
  if (characters.length < 100) return line;
  const space = characters.lastIndexOf(' ', 78);
  return `${characters.slice(0, space >= 0 ? space : 78).join('')}...`;
}

/** Reads a commit object's bytes. */
export function parseCommit(sha: string, content: Buffer): CommitInfo {
  const { headers, message: bytes } = splitObject(content);
  const first = (key: string) => headers.find(header => header[0] === key)?.[1];
  const author = parseIdentity(first('author') ?? '');
  const committer = parseIdentity(first('committer') ?? '');
  const message = decode(bytes, first('encoding'));
  return {
    sha,
    parentShas: headers.filter(header => header[0] === 'parent').map(header => header[1]),
    treeSha: first('tree') ?? '',
    title: commitTitle(message),
    message,
    ...parseTrailers(message),
    authorName: author.name,
    authorEmail: author.email,
    authoredDate: author.date,
    committerName: committer.name,
    committerEmail: committer.email,
    committedDate: committer.date,
  };
}

export interface TagObject {
  target: string;
  targetType: string;
  message: string;
  taggedDate: string | null;
}

/** Reads an annotated tag's bytes; its message loses the final newline, as GitLab shows it. */
export function parseTag(content: Buffer): TagObject {
  const { headers, message } = splitObject(content);
  const first = (key: string) => headers.find(header => header[0] === key)?.[1];
  const tagger = first('tagger');
  return {
    target: first('object') ?? '',
    targetType: first('type') ?? '',
    message: message
      .toString('utf8')
      .replace(/-----BEGIN (?:PGP|SSH) SIGN[\s\S]*$/, '')
      .replace(/\n+$/, ''),
    taggedDate: tagger === undefined ? null : parseIdentity(tagger).date,
  };
}

/** Reads a tree object's bytes: one directory, its paths relative to itself. */
export function parseTree(content: Buffer): Omit<TreeEntry, 'path'>[] {
  const entries: Omit<TreeEntry, 'path'>[] = [];
  let at = 0;
  while (at < content.length) {
    const space = content.indexOf(0x20, at);
    const zero = content.indexOf(0, space);
    const mode = content.toString('latin1', at, space).padStart(6, '0');
    entries.push({
      id: content.toString('hex', zero + 1, zero + 21),
      name: content.toString('utf8', space + 1, zero),
      type: mode === '040000' ? 'tree' : mode === '160000' ? 'commit' : 'blob',
      mode,
    });
    at = zero + 21;
  }
  return entries;
}
