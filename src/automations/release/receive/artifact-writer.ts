import { createHash } from 'node:crypto';
import { constants, type FileHandle, open } from 'node:fs/promises';
import { SignalboxError } from '../../../errors.ts';
import { asStorageError, writeWhole } from '../store/durable.ts';
import { assertGzipHead, checkGzipHead } from './gzip-head.ts';
import { type Digests, type Ring, SLOT_BYTES, type Slot } from './ring.ts';

/** What was received, when all of it is on disk. */
export interface Received extends Digests {
  /** bytes */
  size: number;
}

export interface WriterOptions {
  /** Called when the first bytes do not fit into memory; small artifacts never need it. */
  ring: () => Ring;
  /** More bytes than this are refused. */
  maxSize: number;
  /** Told when bytes have reached the disk's queue; for the space that is kept free. */
  written?: (bytes: number) => void;
}

/** What O_DIRECT writes in. */
const BLOCK = 4096;
/** Buffered writes are put on disk in such pieces meanwhile, so that the last fsync is short. */
const SYNC_EVERY = 64 * 1024 * 1024;

/**
 * Writes one artifact to disk while it comes in, hashing it on the way. Bytes are gathered until a slot of the ring is
 * full; until then they stay where the socket has put them. An artifact smaller than a slot is hashed here and now.
 */
export class ArtifactWriter {
  readonly #handle: FileHandle;
  readonly #options: WriterOptions;
  /** Whether the file takes whole blocks only. */
  readonly #direct: boolean;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** How much of the first pending chunk has been copied. */
  #firstUsed = 0;
  #size = 0;
  #position: number;
  /** How many of the first bytes have been looked at. */
  #head = 0;
  #stream: number | undefined;
  #ring: Ring | undefined;
  #waitsForSlot = false;
  #failure: unknown;
  #unsynced = 0;
  readonly #writes = new Set<Promise<void>>();
  #drained: (() => void)[] = [];

  private constructor(handle: FileHandle, direct: boolean, options: WriterOptions) {
    this.#handle = handle;
    this.#direct = direct;
    this.#options = options;
    this.#position = 0;
  }

  /** Opens a new file; past the page cache where the file system can, because nobody reads the artifact soon. */
  static async create(file: string, options: WriterOptions & { direct: boolean }): Promise<ArtifactWriter> {
    const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY;
    try {
      if (!options.direct) return new ArtifactWriter(await open(file, flags, 0o640), false, options);
      const handle = await open(file, flags | constants.O_DIRECT, 0o640).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EINVAL') throw error;
        return undefined;
      });
      if (handle) return new ArtifactWriter(handle, true, options);
      // Some file systems make the file before they refuse the flag.
      return new ArtifactWriter(await open(file, constants.O_CREAT | constants.O_WRONLY, 0o640), false, options);
    } catch (error) {
      throw asStorageError(error);
    }
  }

  /**
   * Goes on with a file that an earlier writer has left: what is there is hashed again, because a running hash cannot be
   * kept. Bytes behind `size` were never acknowledged and are cut off.
   */
  static async reopen(file: string, size: number, options: WriterOptions): Promise<ArtifactWriter> {
    try {
      const handle = await open(file, constants.O_RDWR | constants.O_CREAT, 0o640);
      await handle.truncate(size);
      const writer = new ArtifactWriter(handle, false, options);
      await writer.#hashAgain(size);
      return writer;
    } catch (error) {
      throw asStorageError(error);
    }
  }

  /** Bytes taken so far. */
  get size(): number {
    return this.#size;
  }

  /** Whether the source should wait: a whole slot's worth lies here, and the ring has no room. */
  get mustWait(): boolean {
    return this.#waitsForSlot;
  }

  /** Resolves when more may be written, or when it has failed. */
  drained(): Promise<void> {
    if (!this.#waitsForSlot) return Promise.resolve();
    return new Promise(resolve => this.#drained.push(resolve));
  }

  /**
   * Takes the next bytes; they are the writer's from now on, and nobody else may look at them afterwards.
   *
   * @throws SignalboxError SBX_RELEASE_TOO_LARGE, SBX_RELEASE_NOT_A_TGZ, SBX_RELEASE_NO_SPACE, SBX_RELEASE_NOT_STORED
   */
  write(chunk: Buffer): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (chunk.length === 0) return;
    this.#head = checkGzipHead(this.#head, chunk);
    this.#size += chunk.length;
    if (this.#size > this.#options.maxSize) {
      throw new SignalboxError('SBX_RELEASE_TOO_LARGE', `more than ${this.#options.maxSize} bytes`);
    }
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    this.#submitFull();
  }

  /** Puts everything taken so far on disk; the writer stays open. Not for files in whole blocks. */
  async flush(): Promise<void> {
    await this.#submitAll();
    await this.#settled();
    try {
      await this.#handle.datasync();
    } catch (error) {
      throw asStorageError(error);
    }
  }

  /**
   * Waits until everything is on disk, and gives the digests over it.
   *
   * @throws SignalboxError SBX_RELEASE_NOT_A_TGZ for a file too short to be one, SBX_RELEASE_NO_SPACE, SBX_RELEASE_NOT_STORED
   */
  async finish(): Promise<Received> {
    assertGzipHead(this.#head);
    if (this.#stream === undefined && !this.#direct) return await this.#finishInline();
    await this.#submitAll();
    const [ring, stream] = [this.#ring!, this.#stream!];
    this.#stream = undefined;
    const digests = ring.finish(stream);
    await this.#settled();
    try {
      if (this.#position !== this.#size) await this.#handle.truncate(this.#size);
      await this.#handle.sync();
    } catch (error) {
      throw asStorageError(error);
    }
    await this.#handle.close();
    return { size: this.#size, ...(await digests) };
  }

  /** Lets go of everything; the file is the caller's to remove. */
  async abort(): Promise<void> {
    this.#failure ??= new SignalboxError('SBX_RELEASE_BROKEN_OFF', 'the upload was given up');
    this.#pending = [];
    this.#pendingBytes = 0;
    if (this.#stream !== undefined) this.#ring?.drop(this.#stream);
    this.#stream = undefined;
    await Promise.all(this.#writes);
    await this.#handle.close().catch(() => undefined);
  }

  async #hashAgain(size: number): Promise<void> {
    this.#ring = this.#options.ring();
    this.#stream = this.#ring.open();
    while (this.#position < size) {
      const slot = this.#ring.take();
      if (!slot) {
        await new Promise<void>(resolve => this.#ring!.whenFree(resolve));
        continue;
      }
      try {
        const { bytesRead } = await this.#handle.read(slot.bytes, 0, SLOT_BYTES, this.#position);
        if (bytesRead === 0) throw new SignalboxError('SBX_RELEASE_NOT_STORED', 'the file is shorter than it was');
        this.#head = checkGzipHead(this.#head, slot.bytes.subarray(0, bytesRead));
        this.#position += bytesRead;
        this.#ring.hash(this.#stream, slot, bytesRead);
      } finally {
        this.#ring.release(slot);
      }
    }
    this.#size = size;
  }

  #submitFull(): void {
    while (this.#pendingBytes >= SLOT_BYTES && !this.#waitsForSlot) this.#submit(SLOT_BYTES);
  }

  async #submitAll(): Promise<void> {
    while (this.#pendingBytes > 0) {
      await this.drained();
      if (this.#failure !== undefined) throw this.#failure;
      this.#submit(Math.min(this.#pendingBytes, SLOT_BYTES));
    }
  }

  /** Moves `length` pending bytes into a slot, and on to the digests and the disk; without a free slot, later. */
  #submit(length: number): void {
    this.#ring ??= this.#options.ring();
    this.#stream ??= this.#ring.open();
    const slot = this.#ring.take();
    if (!slot) {
      this.#waitsForSlot = true;
      this.#ring.whenFree(() => this.#slotIsFree());
      return;
    }
    this.#copyPending(slot.bytes, length);
    this.#ring.hash(this.#stream, slot, length);
    const write = this.#writeSlot(this.#ring, slot, length).then(() => {
      this.#writes.delete(write);
    });
    this.#writes.add(write);
  }

  #slotIsFree(): void {
    this.#waitsForSlot = false;
    if (this.#failure === undefined) this.#submitFull();
    if (this.#waitsForSlot) return;
    const tell = this.#drained;
    this.#drained = [];
    for (const each of tell) each();
  }

  #copyPending(target: Uint8Array, length: number): void {
    let filled = 0;
    let done = 0;
    while (filled < length) {
      const chunk = this.#pending[done]!;
      const take = Math.min(chunk.length - this.#firstUsed, length - filled);
      target.set(chunk.subarray(this.#firstUsed, this.#firstUsed + take), filled);
      filled += take;
      this.#firstUsed += take;
      if (this.#firstUsed < chunk.length) continue;
      this.#firstUsed = 0;
      done++;
      giveBack(chunk);
    }
    this.#pending.splice(0, done);
    this.#pendingBytes -= length;
  }

  async #writeSlot(ring: Ring, slot: Slot, length: number): Promise<void> {
    const at = this.#position;
    const padded = this.#direct ? Math.ceil(length / BLOCK) * BLOCK : length;
    this.#position += padded;
    try {
      await writeWhole(this.#handle, slot.bytes.subarray(0, padded), at);
      this.#options.written?.(length);
      await this.#syncNowAndThen(length);
    } catch (error) {
      this.#failure ??= asStorageError(error);
    } finally {
      ring.release(slot);
    }
  }

  async #syncNowAndThen(length: number): Promise<void> {
    this.#unsynced += length;
    if (this.#direct || this.#unsynced < SYNC_EVERY) return;
    this.#unsynced = 0;
    await this.#handle.datasync();
  }

  async #settled(): Promise<void> {
    while (this.#writes.size > 0) await Promise.all(this.#writes);
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #finishInline(): Promise<Received> {
    const md5 = createHash('md5');
    const sha256 = createHash('sha256');
    for (const chunk of this.#pending) {
      md5.update(chunk);
      sha256.update(chunk);
    }
    try {
      await writeWhole(this.#handle, Buffer.concat(this.#pending), 0);
      await this.#handle.sync();
    } catch (error) {
      throw asStorageError(error);
    }
    this.#options.written?.(this.#size);
    this.#pending = [];
    await this.#handle.close();
    return { size: this.#size, md5: md5.digest('hex'), sha256: sha256.digest('hex') };
  }
}

/**
 * Frees a chunk's memory now. The collector would come to it too, but it counts what lies outside its heap and looks at
 * all of the heap for every few dozen MiB of it: that costs more processor time than SHA-256, and 120 MiB of memory.
 */
function giveBack({ buffer, length }: Buffer): void {
  // A chunk that is all of its memory shares it with nobody; small ones are pieces of a common block.
  if (buffer instanceof ArrayBuffer && length === buffer.byteLength) buffer.transfer(0);
}
