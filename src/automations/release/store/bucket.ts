/** An object and what was said of it when it was put there. */
export interface ObjectFacts {
  /** bytes */
  size: number;
  /** 64 hexadecimal digits. */
  sha256: string;
}

export interface ListedObject {
  key: string;
  size: number;
  /** ms since the epoch, by the clock of the bucket */
  changedAt: number;
}

/**
 * What is asked of S3 or something like it; src/storage/s3 does it. Keys count from the prefix that the configuration names.
 * Everything here rejects with SBX_ARTIFACTS_UNREACHABLE or SBX_ARTIFACTS_REFUSED where the bucket cannot be used.
 */
export interface Bucket {
  /**
   * Puts a file there and never replaces one. What is there already with the same bytes is taken for what we have put: an answer
   * may have been lost.
   *
   * @throws SignalboxError SBX_ARTIFACT_CONFLICT when other bytes are there
   */
  putFile(key: string, file: string, facts: ObjectFacts & { md5: string }): Promise<void>;
  /** The same for a small text. */
  putText(key: string, text: string): Promise<void>;
  /** Puts a small text there, in the place of one that is there. */
  replaceText(key: string, text: string): Promise<void>;
  /** A small text, or null. */
  readText(key: string): Promise<string | null>;
  /** What was put there, or null. */
  head(key: string): Promise<ObjectFacts | null>;
  /** Brings an object into a new file, on disk when this resolves; null when there is none. */
  fetch(key: string, file: string): Promise<ObjectFacts | null>;
  /** All objects whose keys begin so. */
  list(prefix: string): Promise<ListedObject[]>;
  remove(key: string): Promise<void>;
  /** Gives up uploads in parts that were begun before this time and never completed: they cost, and nobody sees them. */
  abortUnfinished(prefix: string, before: number): Promise<void>;
  close(): void;
}
