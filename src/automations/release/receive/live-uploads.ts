import { SignalboxError } from '../../../errors.ts';

/** An upload under way, for whoever asks for a release before it is one. */
export interface LiveUpload {
  product: string;
  version: string;
  line: string;
  environment: string;
  credential: string;
  state: 'receiving' | 'verified';
  receivedAt: number;
  /** Bytes so far. */
  received: () => number;
  /** Ends it. */
  abort: (reason: SignalboxError) => void;
}

/** More at once would only make each of them slower. */
const MOST = 200;

/** The uploads under way in this process, and whether new ones are taken. */
export class LiveUploads {
  readonly #uploads = new Set<LiveUpload>();
  readonly #keys = new Map<string, string>();
  #stopping = false;
  #quiet: (() => void)[] = [];

  /** @throws SignalboxError SBX_SERVICE_STOPPING, SBX_RELEASE_TOO_MANY_UPLOADS */
  assertOpen(): void {
    if (this.#stopping) throw stopping();
    if (this.#uploads.size >= MOST) throw new SignalboxError('SBX_RELEASE_TOO_MANY_UPLOADS', `${MOST} are under way`);
  }

  add(upload: LiveUpload): void {
    this.#uploads.add(upload);
  }

  remove(upload: LiveUpload): void {
    this.#uploads.delete(upload);
    if (this.#uploads.size > 0) return;
    for (const tell of this.#quiet.splice(0)) tell();
  }

  find(product: string, version: string): LiveUpload | undefined {
    return [...this.#uploads].find(each => each.product === product && each.version === version);
  }

  /**
   * Holds an Idempotency-Key while its request is under way.
   *
   * @returns gives it back; throws SBX_RELEASE_KEY_IN_USE
   */
  holdKey(id: string, address: string): () => void {
    const holder = this.#keys.get(id);
    if (holder !== undefined) {
      throw new SignalboxError('SBX_RELEASE_KEY_IN_USE', holder, { extensions: { location: holder } });
    }
    this.#keys.set(id, address);
    return () => void this.#keys.delete(id);
  }

  /** Takes no more, waits for those under way, and ends what is left after `patience` milliseconds. */
  async stop(patience: number): Promise<void> {
    this.#stopping = true;
    if (this.#uploads.size === 0) return;
    const quiet = new Promise<void>(resolve => this.#quiet.push(resolve));
    const timer = setTimeout(() => {
      for (const upload of this.#uploads) upload.abort(stopping());
    }, patience);
    await quiet;
    clearTimeout(timer);
  }
}

function stopping(): SignalboxError {
  return new SignalboxError('SBX_SERVICE_STOPPING', 'no more uploads are taken');
}
