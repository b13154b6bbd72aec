import { SignalboxError } from '../errors.ts';
import { applyDelta } from './apply-delta.ts';
import { type Digest, startDigest } from './digest.ts';
import { objectId } from './object-id.ts';
import { type ObjectType, type PackEntry, readEntry } from './pack-entry.ts';
import { malformed } from './pkt-line.ts';
import type { Limits } from './remote.ts';

export interface PackObject {
  type: ObjectType;
  /** Null for a type that was not to be kept. */
  bytes: Buffer | null;
}

interface PackOptions {
  format: 'sha1' | 'sha256';
  /** Objects of other types are read and forgotten: a server without filters sends trees and files too. */
  keep: readonly ObjectType[];
  limits: Limits;
}

/**
 * Reads a pack while it arrives. Memory holds the bytes of the one entry that is not complete yet, and the kept objects;
 * both are limited. Every object gets its name from its own bytes, so what is found under a name is that object.
 */
export class PackReader {
  readonly objects = new Map<string, PackObject>();
  readonly #options: PackOptions;
  readonly #oidBytes: number;
  readonly #digest: Digest;
  readonly #byOffset = new Map<number, PackObject>();
  /** Deltas whose base comes later, by the base's name. */
  readonly #waiting = new Map<string, { delta: Buffer; offset: number }[]>();
  #window: Buffer = Buffer.alloc(0);
  /** What came after the window and is not worth looking at yet. */
  #ahead: Buffer[] = [];
  #aheadBytes = 0;
  /** Where the window begins in the pack. */
  #offset = 0;
  #left: number | null = null;
  #keptBytes = 0;
  /** No entry is tried again before this many bytes are there: a large one must not be inflated at every chunk. */
  #tryFrom = 0;

  constructor(options: PackOptions) {
    this.#options = options;
    this.#oidBytes = options.format === 'sha1' ? 20 : 32;
    this.#digest = startDigest(options.format);
  }

  /** Takes the next bytes, which must not change afterwards. */
  push(chunk: Buffer): void {
    this.#ahead.push(chunk);
    this.#aheadBytes += chunk.length;
    const size = this.#window.length + this.#aheadBytes;
    if (size >= this.#tryFrom) this.#read();
    // Compressed data is hardly ever larger than what it unpacks to, so this bounds an entry that never ends.
    else if (size > this.#options.limits.objectBytes * 2 + 65_536) this.#tooLarge('an entry of a pack');
  }

  /** Ends the pack: all objects are there and its checksum is right, or this throws SBX_REMOTE_UNEXPECTED. */
  end(): Map<string, PackObject> {
    this.#read();
    if (this.#left !== 0) throw malformed('a pack was cut off');
    if (this.#window.length !== this.#oidBytes) throw malformed('a pack has no checksum at its end');
    if (!this.#digest.finish().equals(this.#window)) throw malformed("a pack's checksum is wrong");
    const forgets = this.#options.keep.length < 4;
    if (this.#waiting.size > 0 && !forgets) throw malformed('a pack has deltas without their base');
    this.#byOffset.clear();
    return this.objects;
  }

  #read(): void {
    this.#window = this.#window.length === 0 && this.#ahead.length === 1 ? this.#ahead[0]! : this.#joined();
    this.#ahead = [];
    this.#aheadBytes = 0;
    let at = 0;
    if (this.#left === null) {
      if (this.#window.length < 12) return;
      const version = this.#window.readUInt32BE(4);
      if (this.#window.toString('latin1', 0, 4) !== 'PACK' || (version !== 2 && version !== 3)) {
        throw malformed('what should be a pack is none');
      }
      this.#left = this.#window.readUInt32BE(8);
      at = 12;
    }
    while (this.#left > 0) {
      const entry = readEntry(this.#window, at, this.#oidBytes, this.#options.limits.objectBytes);
      if (entry === null) break;
      this.#take(entry, this.#offset + at);
      at = entry.end;
      this.#left -= 1;
    }
    this.#digest.update(this.#window.subarray(0, at));
    this.#offset += at;
    this.#window = this.#window.subarray(at);
    this.#tryFrom = this.#window.length * 2;
  }

  #joined(): Buffer {
    return Buffer.concat([this.#window, ...this.#ahead]);
  }

  #take(entry: PackEntry, offset: number): void {
    if (entry.kind === 'object') {
      this.#add(entry.type, entry.bytes, offset);
      return;
    }
    const base =
      entry.kind === 'offset-delta' ? this.#byOffset.get(offset - entry.distance) : this.objects.get(entry.base);
    if (base) this.#resolve(base, entry.bytes, offset);
    else if (entry.kind === 'named-delta') this.#wait(entry.base, entry.bytes, offset);
    else throw malformed('a delta of a pack points to no object');
  }

  #resolve(base: PackObject, delta: Buffer, offset: number): void {
    // A change of a forgotten object is forgotten too: a delta has the type of its base.
    if (base.bytes === null) this.#byOffset.set(offset, base);
    else this.#add(base.type, applyDelta(base.bytes, delta, this.#options.limits.objectBytes), offset);
  }

  #wait(base: string, delta: Buffer, offset: number): void {
    this.#count(delta.length);
    this.#waiting.set(base, [...(this.#waiting.get(base) ?? []), { delta, offset }]);
  }

  #add(type: ObjectType, bytes: Buffer, offset: number): void {
    const keep = this.#options.keep.includes(type);
    const object: PackObject = { type, bytes: keep ? bytes : null };
    if (keep) this.#count(bytes.length);
    const oid = objectId(this.#options.format, type, bytes);
    this.objects.set(oid, object);
    this.#byOffset.set(offset, object);
    const waiting = this.#waiting.get(oid);
    if (waiting === undefined) return;
    this.#waiting.delete(oid);
    for (const { delta, offset: at } of waiting) this.#resolve(object, delta, at);
  }

  #count(bytes: number): void {
    // A kept object costs about 200 bytes beside its content.
    this.#keptBytes += bytes + 200;
    if (this.#keptBytes > this.#options.limits.keptBytes) this.#tooLarge('the answer');
  }

  #tooLarge(what: string): never {
    throw new SignalboxError('SBX_GIT_ANSWER_TOO_LARGE', `git: ${what} is larger than the limit`);
  }
}
