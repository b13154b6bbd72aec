import type { ReleaseDocument } from '../model.ts';
import type { ReleaseRecord } from './release-files.ts';

/** Which of the things that were put there is meant; `object` is the store's own name for it, where it gives one. */
export type StoredName = Pick<ReleaseDocument, 'product' | 'version' | 'object'>;

/**
 * Where released artifacts last: a directory of this machine, or a bucket that many machines share. A release is all there or
 * not at all, and what is there is never replaced. One suite of tests holds both to that (artifact-store.test.ts).
 */
export interface ArtifactStore {
  /** Makes its place on this machine ready, and empties what an earlier process has left there half done. */
  open(): Promise<void>;
  /**
   * Makes what was staged last; when this resolves, no power cut can undo it. The staging directory may be used up.
   *
   * @returns the record with the store's name for it, or null when a release of this version is in the way
   */
  put(staging: string, record: ReleaseRecord): Promise<ReleaseRecord | null>;
  /** All that is there of a product, known to the database or not. */
  find(product: string): Promise<StoredName[]>;
  /** What a release says of itself; null when it is not there, or not what we write. */
  read(name: StoredName): Promise<ReleaseRecord | null>;
  /** Whether its artifact is there, in its size. */
  holds(record: ReleaseRecord): Promise<boolean>;
  /** Whether its artifact is what the record says, by everything that can be known without moving it. */
  isWhole(record: ReleaseRecord): Promise<boolean>;
  /**
   * The directory on this machine with the artifact and what belongs beside it; it is brought here where it is not, and checked.
   *
   * @throws SignalboxError SBX_ARTIFACT_DAMAGED when it is not what the record says, SBX_ARTIFACTS_UNREACHABLE
   */
  fetch(record: ReleaseRecord): Promise<string>;
  /** Takes something damaged out of the way of the same version sent again. */
  setAside(name: StoredName, at: number): Promise<void>;
  /** Removes a release; nothing happens where it is gone already. */
  remove(name: StoredName): Promise<void>;
  /** What an upload that was cut off has left where nobody else looks; `known` are the names that the database has. */
  orphans(product: string, known: ReadonlySet<string>, now: number): Promise<StoredName[]>;
}
