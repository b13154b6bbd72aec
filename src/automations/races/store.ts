import type { Documents, StoredDocument, Submission } from '../../engine/documents/documents.ts';
import type { Confidence, Detector } from './parse/report.ts';

/** What the service remembers about races, as documents of the engine: one kind each, with what its id is. */
export const KIND = {
  /** fingerprint → RaceDocument */
  race: 'race',
  /** another fingerprint of a race → AliasDocument */
  alias: 'race-alias',
  /** `<project>/<detector>/<side>` → SideDocument */
  side: 'race-side',
  /** `<source>/<first digits of the id>` → SeenDocument: which reports have been counted */
  seen: 'race-seen',
  /** `<source>/<host>` → BoxDocument */
  box: 'race-box',
  /** fingerprint → LinkDocument: the issue that tells of it */
  link: 'race-link',
  /** `<project>#<iid>` → IssueDocument: whose issue it is */
  issue: 'race-issue',
  /** `<project>/<day>` → DayDocument: who got one of the day's new issues */
  day: 'race-day',
  /** `<project>/<day>/<fingerprint>` → WaitingDocument: what the day's digest tells */
  waiting: 'race-waiting',
  /** project → ProjectDocument */
  project: 'race-project',
} as const;

/** Sightings of one box with one build. Counts only ever grow: what was told is remembered elsewhere. */
export interface Cell {
  host: string;
  build: string | null;
  count: number;
  /** Milliseconds since 1970, as all times here. */
  firstAt: number;
  lastAt: number;
}

/** One of a race's stack pairs. */
export interface Variant {
  id: string;
  count: number;
  confidence: Confidence;
  /** In its detector's grammar, long stacks cut; null for variants beyond those that are kept. */
  text: string | null;
  build: string | null;
}

export interface RaceDocument {
  project: string;
  detector: Detector;
  type: string;
  title: string;
  sites: [string, string];
  incomplete: boolean;
  /** The best of its sightings'. */
  confidence: Confidence;
  aliases: string[];
  /** The race it was told apart from by a member. */
  from: string | null;
  receivedAt: number;
  cells: Cell[];
  variants: Variant[];
  /** Sightings by day (UTC, `2026-11-23`), the newest DAYS_KEPT of them; races that were stored by earlier programs have none. */
  days?: Record<string, number>;
}

export interface AliasDocument {
  race: string;
}

export interface SideDocument {
  /** Races with this side of which both sides are known. */
  races: string[];
}

export interface SeenDocument {
  /** Digest of a report's id → the day (since 1970) on which it was counted. */
  ids: Record<string, number>;
}

/** A run of one build on one box. */
export interface Session {
  build: string | null;
  /** Runs with the race detector. */
  race: boolean;
  startedAt: number;
  endedAt: number;
}

export interface BoxDocument {
  source: string;
  host: string;
  firstHeardAt: number;
  lastHeardAt: number;
  /** Oldest first. */
  sessions: Session[];
}

/** What an issue told when it was made. */
export interface Told {
  /** Sightings by cell, see cellKey. */
  cells: Record<string, number>;
  variants: string[];
}

export interface LinkDocument {
  project: string;
  iid: number;
  state: 'opened' | 'closed';
  closedAt: number | null;
  detector: Detector;
  sites: [string, string];
  told: Told;
}

export interface IssueDocument {
  /** The race whose look writes this issue. */
  owner: string;
  /** Other races that are told in it. */
  attached: string[];
}

export interface DayDocument {
  opened: string[];
}

export interface WaitingDocument {
  fingerprint: string;
  title: string;
  count: number;
  hosts: string[];
  why: string;
}

export interface ProjectDocument {
  firstReportAt: number;
  /** Boxes and sightings by race, while it is the first day; see settings.baseline. */
  ranks: Record<string, { boxes: number; count: number }>;
  /** Functions that members told us to look through. */
  lookThrough: string[];
  /** Races that members told apart: what has them as an alias is a race of its own. */
  apart: string[];
}

export const NEW_PROJECT: ProjectDocument = { firstReportAt: 0, ranks: {}, lookThrough: [], apart: [] };

/** Identifies a cell in what was told. */
export function cellKey(fingerprint: string, { host, build }: Pick<Cell, 'host' | 'build'>): string {
  return `${fingerprint} ${host} ${build ?? ''}`;
}

export function sideId(project: string, detector: Detector, side: string): string {
  return `${project}/${detector}/${side}`;
}

/** Documents that are read, changed and then stored together, or not at all when one of them has changed meanwhile. */
export function changeSet(documents: Documents) {
  const read = new Map<string, Promise<StoredDocument | null>>();
  const written = new Map<string, { kind: string; id: string; body: unknown; replaces: number }>();
  const load = (kind: string, id: string): Promise<StoredDocument | null> => {
    const key = `${kind} ${id}`;
    const known = read.get(key) ?? documents.read(kind, id);
    read.set(key, known);
    return known;
  };
  return {
    read: async <Body>(kind: string, id: string): Promise<Body | null> => {
      const change = written.get(`${kind} ${id}`);
      if (change) return change.body as Body;
      const stored = await load(kind, id);
      return stored === null ? null : (structuredClone(stored.body) as Body);
    },
    write: async <Body>(kind: string, id: string, body: Body): Promise<void> => {
      const replaces = (await load(kind, id))?.revision ?? 0;
      written.set(`${kind} ${id}`, { kind, id, body, replaces });
    },
    /** @returns false when somebody else was faster; then all has to be read again */
    submit: (more: Omit<Submission, 'changes'> = {}): Promise<boolean> =>
      documents.submit({ ...more, changes: [...written.values()] }),
  };
}

export type ChangeSet = ReturnType<typeof changeSet>;
