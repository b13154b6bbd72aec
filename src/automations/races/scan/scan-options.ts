import type { Readable } from 'node:stream';
import type { RaceSighting } from '../sighting.ts';
import type { Unreadable } from './expand-paths.ts';

export interface ScanOptions {
  /** The project the races are filed in; part of their fingerprints. */
  project?: string;
  lookThrough?: readonly string[];
  /** File that remembers what was read; without it everything is read, and nothing is held back. */
  state?: string;
  /** A report that stops at the end of a file written to within this time may still be being written. */
  settleMs?: number;
  /** Reports taken from one file; the rest is counted. */
  maxReportsPerFile?: number;
  stdin?: Readable;
  now?: () => number;
  onProgress?: (progress: Progress) => void;
  /**
   * Asked before what was read is remembered; `last` when nothing more comes. When it answers false, the state stays as
   * it is on disk, and a run that breaks off before the next step is followed by one that gives the same sightings again.
   */
  mayRemember?: (last: boolean) => boolean | Promise<boolean>;
}

/** Where a scan is. For a packed file `bytes` counts its text, and `totalBytes` what it takes on disk. */
export interface Progress {
  file: string;
  bytes: number;
  totalBytes: number;
  /** Which file of how many, from 1. */
  number: number;
  files: number;
}

/** What a scan did; complete when its sightings have all been taken. */
export interface ScanSummary {
  files: number;
  /** Bytes of text that were read: unpacked, and without what an earlier run had read. */
  bytes: number;
  /** Marker lines that no report followed. */
  unparsed: number;
  /** Unfinished reports that wait for the next run. */
  held: number;
  /** Reports over the cap of their file. */
  capped: number;
  unreadable: Unreadable[];
}

/** The sightings of a scan, in the order they are found. A sighting counts as handled when the next one is asked for. */
export interface Scan extends AsyncIterable<RaceSighting> {
  readonly summary: ScanSummary;
}
