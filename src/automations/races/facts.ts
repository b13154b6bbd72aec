import type { Confidence } from './parse/report.ts';

/** A build that a box ran when it saw the race. */
export interface BuildFact {
  /** What the box calls it: a version, a commit. */
  name: string;
  /** Milliseconds since 1970; null when the box does not say. */
  builtAt: number | null;
  /** Is the change that closed the issue in it? Null when that cannot be told (no commit, no change, no clone). */
  containsFix: boolean | null;
}

/** Sightings that no decision has been made about yet, alike in all that decisions depend on. */
export interface NewSightings {
  host: string;
  build: BuildFact | null;
  variant: string;
  count: number;
  /** When the last of them was seen, in milliseconds since 1970. */
  lastAt: number;
}

/** What the issue already shows. */
export interface ShownFacts {
  hosts: readonly string[];
  builds: readonly string[];
  variants: readonly string[];
  /** Sightings a day, over the days it has been known. */
  perDay: number;
  /** When the last comment of ours was written, or the issue; null when it never was. */
  lastNoteAt: number | null;
}

export interface IssueFact {
  iid: number;
  state: 'opened' | 'closed';
  closedAt: number | null;
  locked: boolean;
  notes: number;
}

/** Everything a decision about one race depends on; read anew for each one. Times in milliseconds since 1970. */
export interface RaceFacts {
  now: number;
  settings: {
    comment: 'daily' | 'changes';
    /** New issues a day, for all races of the project together. */
    dailyCap: number;
    /** A closed issue is reopened this long; later a new one is linked to it. */
    reopenDays: number;
    /** Open issues sharing a side with the race from which on it is attached to one of them. */
    fanOut: number;
  };
  race: {
    fingerprint: string;
    confidence: Confidence;
    /** Rank among the races of the project by boxes and sightings, from 1; decides what a baseline imports. */
    rank: number;
  };
  fresh: readonly NewSightings[];
  shown: ShownFacts;
  issue: IssueFact | null;
  /** New issues that were opened today. */
  openedToday: number;
  /** The first day of an old product: only the first `top` races become issues until then; null when not. */
  baseline: { until: number; top: number } | null;
  /** Open issues about other races that share a side with this one, oldest first. */
  neighbours: readonly number[];
  /** An entry of the suppression file that matches; it is expired when `until` has passed. */
  suppression: { reason: string; owner: string; until: number | null } | null;
  /** What members said in comments, replayed; see human-decisions.ts. */
  human: { mergedInto: number | null; ignoredUntil: number | null; ignoreReason: string | null };
}
