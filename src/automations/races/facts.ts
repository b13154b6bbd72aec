import type { HumanVerdict } from './human-decisions.ts';
import type { Confidence, Detector } from './parse/report.ts';

/** A build that a box ran when it saw the race. */
export interface BuildFact {
  /** What the box calls it: a version, a commit. */
  name: string;
  /** Milliseconds since 1970; null when neither GitLab nor what we heard before tells. */
  builtAt: number | null;
  /** Is the change that closed the issue in it? Null when that cannot be told (no commit, no change). */
  containsFix: boolean | null;
}

/** Sightings that no decision has been made about yet, alike in all that decisions depend on. */
export interface NewSightings {
  host: string;
  build: BuildFact | null;
  count: number;
  /** When the last of them was seen, in milliseconds since 1970. */
  lastAt: number;
}

/** What the issue already shows. */
export interface ShownFacts {
  hosts: readonly string[];
  builds: readonly string[];
  /** Sightings a day, over the days it has been known. */
  perDay: number;
  /** The day of our last comment, `2026-11-23`; null when there is none. */
  notedOn: string | null;
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
  /** In the time zone of the settings. */
  today: string;
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
  /** Stack pairs among them that the issue does not show yet. */
  newVariants: readonly string[];
  shown: ShownFacts;
  issue: IssueFact | null;
  /** The label of the issues when it does not exist; GitLab would create it, or leave it out. */
  missingLabel: string | null;
  /** New issues that were opened today, for other races. */
  openedToday: number;
  /** The first day of an old product: only the first `top` races become issues until then; null when not. */
  baseline: { until: number; top: number } | null;
  /** Open issues about other races that share a side with this one, oldest first. */
  neighbours: readonly number[];
  /** The issue of another race in which it is told already, because too many share a side. */
  fannedOutTo: number | null;
  /** An entry of the suppression file that matches; it is expired when `until` has passed. */
  suppression: { reason: string; owner: string; until: number | null } | null;
  /** What members said in comments, replayed; see human-decisions.ts. */
  human: Pick<HumanVerdict, 'mergedInto' | 'ignoredUntil' | 'ignoreReason'>;
}

/** Sightings by box and build, as they are shown. */
export interface SeenRow {
  host: string;
  build: string | null;
  count: number;
  firstAt: number;
  lastAt: number;
}

/** One of the two accesses, as its own function stands in the code. */
export interface AccessFact {
  /** `Write`, `Previous read`. */
  kind: string;
  func: string | null;
  /** `pkg/cache/cache.go:41`, as far as it is known. */
  place: string | null;
  /** The line at the box's commit. */
  url: string | null;
}

/** Where a race stands in the code; asked for when an issue is made, and for no other look, since it takes many requests. */
export interface CodeFacts {
  accesses: readonly AccessFact[];
  owners: readonly { owner: string; why: string }[];
  /** The library that both sides are in. */
  library: { module: string; version: string | null } | null;
}

/** What an issue is made of, beside what is decided about it. */
export interface IssueView {
  project: string;
  title: string;
  type: string;
  detector: Detector;
  incomplete: boolean;
  firstAt: number;
  lastAt: number;
  count: number;
  /** Most sightings first. */
  rows: readonly SeenRow[];
  /** Sightings since the day began, or since the issue was made. */
  today: readonly SeenRow[];
  variants: number;
  /** Other races that are told here. */
  attached: readonly string[];
  /** The race it was told apart from has this issue. */
  toldApartFrom: number | null;
  /** Running time of boxes on builds with the fix since the issue was closed, in whole hours; null while it is open. */
  cleanHours: number | null;
}

/** Our own texts on the issue, and what people said there. */
export interface TalkFact {
  /** It was written for this race, and its text still has our markers. */
  hasStatus: boolean;
  /** The state that the status block shows. */
  status: string | null;
  todaysNote: { id: number; state: string; changes: readonly string[] } | null;
  /** Commands that cannot be followed and have not been answered yet. */
  faults: readonly { note: number; by: string; why: 'role' | 'form' | 'circle'; line: string }[];
}

/** All of it, as `explain` shows it. */
export interface RaceSituation extends RaceFacts {
  /** A person wants this look. */
  asked: boolean;
  /** False when no box has ever reported it. */
  known: boolean;
  label: string;
  confidential: boolean;
  dependencyLabel: string | null;
  view: IssueView;
  talk: TalkFact;
  /** The link between race and issue that is remembered differs from what GitLab says. */
  relink: boolean;
  /** Functions to look through from now on, as members said, and whether this race is told apart by that. */
  takeUp: { lookThrough: readonly string[]; apart: boolean } | null;
  /** The issue of another race that tells of it, and that race. */
  attachedTo: { iid: number; by: 'member' | 'fan-out'; owner: string | null } | null;
  suppressionFault: string | null;
  /** All sightings by cell, for what is remembered; see store.ts. */
  cells: Readonly<Record<string, number>>;
  /** As many of them as have been decided about. */
  handled: Readonly<Record<string, number>>;
  before: RaceMemory['before'];
  allVariants: readonly string[];
}

/** What is remembered of a race between two looks. */
export type RaceMemory = {
  /** What has been decided about. */
  cells: Record<string, number>;
  variants: string[];
  /** The same as it was when the day began. */
  dayBase: { day: string; cells: Record<string, number> } | null;
  edits: { day: string; count: number; lastAt: number } | null;
  attached: { iid: number; by: 'member' | 'fan-out' } | null;
  /** The day whose digest told of it. */
  digest: string | null;
  /** What the issue's own text says was seen before the database was lost. */
  before: { count: number; firstAt: number } | null;
};
