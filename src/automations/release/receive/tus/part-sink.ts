import { createHash, type Hash } from 'node:crypto';
import { SignalboxError } from '../../../../errors.ts';
import type { Sink } from '../pump.ts';

/** `Upload-Checksum` algorithms of tus to those of Node. */
export const PART_ALGORITHMS = ['sha1', 'md5', 'sha256'];

export interface PartChecksum {
  algorithm: string;
  /** base64 */
  digest: string;
}

/** @throws SignalboxError SBX_RELEASE_DIGEST_UNSUPPORTED, SBX_RELEASE_DIGEST_INVALID */
export function readPartChecksum(header: string | undefined): PartChecksum | null {
  if (header === undefined) return null;
  const match = /^([a-z0-9]+) ([A-Za-z0-9+/]+={0,2})$/.exec(header);
  if (!match) throw new SignalboxError('SBX_RELEASE_DIGEST_INVALID', 'Upload-Checksum');
  const [, algorithm, digest] = match;
  if (!PART_ALGORITHMS.includes(algorithm!)) {
    throw new SignalboxError('SBX_RELEASE_DIGEST_UNSUPPORTED', `Upload-Checksum: ${PART_ALGORITHMS.join(', ')}`);
  }
  return { algorithm: algorithm!, digest: digest! };
}

/** Takes one part of an upload: never more than is missing, and hashed by itself where it comes with a checksum. */
export class PartSink implements Sink {
  readonly #writer: Sink;
  readonly #hash: Hash | undefined;
  #left: number;

  constructor(writer: Sink, left: number, checksum: PartChecksum | null) {
    this.#writer = writer;
    this.#left = left;
    this.#hash = checksum ? createHash(checksum.algorithm) : undefined;
  }

  get mustWait(): boolean {
    return this.#writer.mustWait;
  }

  drained(): Promise<void> {
    return this.#writer.drained();
  }

  write(chunk: Buffer): void {
    this.#left -= chunk.length;
    if (this.#left < 0) throw new SignalboxError('SBX_UPLOAD_LENGTH', 'more bytes than Upload-Length');
    this.#hash?.update(chunk);
    this.#writer.write(chunk);
  }

  /** The part's own digest, base64; of a part without checksum null. */
  digest(): string | null {
    return this.#hash?.digest('base64') ?? null;
  }
}
