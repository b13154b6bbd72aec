import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { type FileKind, fileKind } from './file-kind.ts';
import { openReader } from './readers.ts';

const HEAD = 1024;
export const TAIL = 256;

/** A piece of a file by which it is recognised under another name, or packed. */
export interface Piece {
  length: number;
  sha256: string;
}

/** A file as it is on disk now. */
export interface FileFacts {
  path: string;
  dev: number;
  ino: number;
  /** Bytes on disk; for packed files less than their text. */
  size: number;
  writtenAt: number;
  kind: FileKind;
  /** The first bytes of its text, at most 1 KiB. */
  head: Buffer;
}

/** The piece that these bytes are. */
export function pieceOf(bytes: Buffer): Piece {
  return { length: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

async function readAt(path: string, kind: FileKind, from: number, length: number): Promise<Buffer> {
  const reader = openReader(path, kind, from);
  const bytes = Buffer.alloc(length);
  try {
    let count = 0;
    for (;;) {
      const got = await reader.read(bytes, count, length - count);
      count += got;
      if (got === 0 || count === length) return bytes.subarray(0, count);
    }
  } finally {
    reader.close();
  }
}

/** Looks at a file; null when it is not a regular file. Throws what the file system throws. */
export async function fileFacts(path: string): Promise<FileFacts | null> {
  const stats = await stat(path);
  if (!stats.isFile()) return null;
  const file = await open(path, 'r');
  const raw = Buffer.alloc(HEAD);
  let bytesRead = 0;
  try {
    ({ bytesRead } = await file.read(raw, 0, HEAD, 0));
  } finally {
    await file.close();
  }
  const kind = fileKind(raw.subarray(0, bytesRead));
  const head = kind === 'plain' ? raw.subarray(0, bytesRead) : await readAt(path, kind, 0, HEAD);
  return { path, dev: stats.dev, ino: stats.ino, size: stats.size, writtenAt: stats.mtimeMs, kind, head };
}

/** Digests of a head's beginnings; most remembered heads have the same length. */
const digests = new WeakMap<Buffer, Map<number, string>>();

/** Does the file begin with the piece? */
export function beginsWith({ head }: FileFacts, piece: Piece): boolean {
  if (head.length < piece.length) return false;
  const known = digests.get(head) ?? new Map<number, string>();
  digests.set(head, known);
  const sha256 = known.get(piece.length) ?? pieceOf(head.subarray(0, piece.length)).sha256;
  known.set(piece.length, sha256);
  return sha256 === piece.sha256;
}

/** Does the piece stand right before `offset` of the file's text? */
export async function hasBefore(facts: FileFacts, offset: number, tail: Piece): Promise<boolean> {
  if (facts.kind === 'plain' && facts.size < offset) return false;
  const bytes = await readAt(facts.path, facts.kind, offset - tail.length, tail.length);
  return bytes.length === tail.length && pieceOf(bytes).sha256 === tail.sha256;
}
