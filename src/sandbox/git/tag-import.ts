import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { formatIdentity } from './identity.ts';
import { runGit } from './run-git.ts';
import type { Identity } from './types.ts';

export interface TagToImport {
  ref: string;
  /** The commit. */
  sha: string;
  /** Annotated if it has a message. */
  message?: string | undefined;
  tagger: Identity;
}

/** git has no command that makes many refs at once other than one file each, which takes ten seconds for 50,000. */
export async function importTags(directory: string, tags: TagToImport[]): Promise<void> {
  const refs = new Map<string, string[]>();
  const objects: Buffer[] = [];
  for (const { ref, sha, message, tagger } of tags) {
    if (message === undefined || message === '') {
      refs.set(ref, [`${sha} ${ref}`]);
      continue;
    }
    const head = `object ${sha}\ntype commit\ntag ${ref.slice('refs/tags/'.length)}\ntagger ${formatIdentity(tagger)}`;
    const content = Buffer.from(`${head}\n\n${message.trimEnd()}\n`);
    objects.push(content);
    const id = createHash('sha1').update(`tag ${content.length}\0`).update(content).digest('hex');
    refs.set(ref, [`${id} ${ref}`, `^${sha}`]);
  }
  if (objects.length > 0) await runGit(directory, ['index-pack', '--stdin'], packOfTags(objects));
  await addPackedRefs(directory, refs);
}

/** A pack (gitformat-pack(5)) of whole tag objects; `git index-pack` checks it before it becomes part of the repository. */
function packOfTags(objects: Buffer[]): Buffer {
  const header = Buffer.from('PACK\0\0\0\u0002\0\0\0\0', 'latin1');
  header.writeUInt32BE(objects.length, 8);
  const chunks: Buffer[] = [header];
  for (const content of objects) chunks.push(entryHeader(4, content.length), deflateSync(content, { level: 1 }));
  const pack = Buffer.concat(chunks);
  return Buffer.concat([pack, createHash('sha1').update(pack).digest()]);
}

/** Type (4 = tag) and size: four bits of size in the first byte, seven in each one after it. */
function entryHeader(type: number, size: number): Buffer {
  const bytes = [(type << 4) | (size & 15)];
  for (let rest = size >> 4; rest > 0; rest >>= 7) {
    bytes[bytes.length - 1]! |= 0x80;
    bytes.push(rest & 0x7f);
  }
  return Buffer.from(bytes);
}

/** Adds refs to the one file that `git pack-refs` keeps, under git's own lock file; every loose ref must be packed before. */
async function addPackedRefs(directory: string, refs: Map<string, string[]>): Promise<void> {
  const path = join(directory, 'packed-refs');
  const all = new Map<string, string[]>();
  let last: string[] = [];
  const before = await readFile(path, 'utf8').catch(() => '');
  for (const line of before.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('^')) last.push(line);
    else {
      last = [line];
      all.set(line.slice(41), last);
    }
  }
  for (const [ref, lines] of refs) all.set(ref, lines);
  // Sorted by bytes, which is not the order of JavaScript strings beyond the basic plane.
  const sorted = [...all].map(([ref, lines]) => ({ key: Buffer.from(ref), lines }));
  sorted.sort((a, b) => Buffer.compare(a.key, b.key));
  const text = sorted.map(({ lines }) => `${lines.join('\n')}\n`).join('');
  const header = '# pack-refs with: peeled fully-peeled sorted \n';
  await writeFile(`${path}.lock`, header + text, { flag: 'wx' });
  await rename(`${path}.lock`, path);
}
