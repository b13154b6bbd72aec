import { type Missed, missed } from './extraction.ts';

/** What git has at a path. `mode` is git's, if the caller knows it. */
export interface TreeFile {
  bytes: Uint8Array;
  mode?: '100644' | '100755' | '120000' | '160000';
}

/** Far above any manifest; GitLab itself slows down beyond 10 MB. */
export const MAX_BYTES = 1024 * 1024;

/**
 * The text of a file, or why it has none. Understands UTF-8 and UTF-16 with and without a byte order mark, and takes
 * other encodings as they come: versions are ASCII in all of them.
 */
export function decodeText(file: TreeFile | undefined): { ok: true; text: string } | Missed {
  if (file === undefined) return missed('not-found', 'the file does not exist');
  if (file.mode === '120000') return missed('symlink', 'the file is a symbolic link');
  if (file.mode === '160000') return missed('submodule', 'the path is a submodule');
  if (file.bytes.length > MAX_BYTES)
    return missed('too-large', `the file has ${file.bytes.length} bytes, more than ${MAX_BYTES}`);
  const encoding = encodingOf(file.bytes);
  if (encoding === undefined) return missed('binary', 'the file is binary');
  const text = new TextDecoder(encoding).decode(file.bytes);
  if (text.includes('\0')) return missed('binary', 'the file is binary');
  if (/^version https:\/\/(git-lfs|hawser)\.github\.com\/spec\//.test(text))
    return missed('lfs-pointer', 'the file is kept in Git LFS, and only its pointer is in the repository');
  if (isLinkTarget(text)) return missed('symlink', 'the file looks like a symbolic link');
  return { ok: true, text };
}

function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  if (!bytes.includes(0)) return 'utf-8';
  // ASCII text in UTF-16 without a mark: every other byte is zero, and only those.
  if (bytes.length % 2 === 1) return undefined;
  const zeros = [0, 1].map(start => bytes.every((byte, index) => (byte === 0) === (index % 2 === start)));
  if (zeros[1] === true) return 'utf-16le';
  return zeros[0] === true ? 'utf-16be' : undefined;
}

/** GitLab's file API gives a symbolic link's target as its content: one relative path, without an end of line. */
function isLinkTarget(text: string): boolean {
  return text.length < 4096 && /^(?:\.{1,2}\/|\/)?(?:[\w.@+-]+\/)+[\w.@+-]+$/.test(text) && !/^\d/.test(text);
}
