import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, truncateSync, writeSync } from 'node:fs';

export interface Artifact {
  file: string;
  md5: string;
  sha256: string;
}

const PIECE = 1024 * 1024;

/** A file that begins like a gzip file; of noise, or of nothing at all, which takes no space on the disk. */
export function writeArtifact(file: string, mib: number, content: 'noise' | 'nothing'): Artifact {
  const out = openSync(file, 'w');
  const [md5, sha256] = [createHash('md5'), createHash('sha256')];
  for (let at = 0; at < mib; at++) {
    const piece = content === 'noise' ? randomBytes(PIECE) : Buffer.alloc(PIECE);
    if (at === 0) piece.set([0x1f, 0x8b]);
    if (at === 0 || content === 'noise') writeSync(out, piece);
    md5.update(piece);
    sha256.update(piece);
  }
  closeSync(out);
  truncateSync(file, mib * PIECE);
  return { file, md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}
