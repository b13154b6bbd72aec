import type { WaitingDocument } from './store.ts';

/** What a day's digest tells. */
export interface DigestFacts {
  project: string;
  day: string;
  label: string;
  confidential: boolean;
  /** How many races, and those that are shown. */
  count: number;
  shown: WaitingDocument[];
  quiet: string[];
  /** The issue of this digest, and the state that its text shows. */
  issue: { iid: number; state: string } | null;
}
