/** What the service answers, as far as the pages use it. Every text in it may come from outside. */

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export type JournalKind = 'signal' | 'decision' | 'effect' | 'failure' | 'operator' | 'service';

export interface BriefRow {
  seq: number;
  at: string;
  kind: JournalKind;
  key: string | null;
  line: string;
  bad: boolean;
}

export interface JournalRow {
  seq: number;
  at: number;
  kind: JournalKind;
  key: string | null;
  data: Json;
  hash: string;
}

export interface JournalPage {
  rows: BriefRow[];
  next: number | null;
  head: number;
}

export type JournalProof =
  | { ok: true; rows: number; head: string }
  | { ok: false; rows: number; brokenAt: number; detail: string };

export interface Hand {
  urgency: 'wrong' | 'soon';
  what: string;
  title: string;
  detail: string;
  key: string;
  since: string;
}

export interface Product {
  name: string;
  environments: string[];
  metadata: { name: string; required: boolean }[];
}

export interface Overview {
  automations: string[];
  gitlab_url: string | null;
  hands: Hand[];
  rows: number;
  open_mismatches: number;
  lines: { name: string; branch: string }[];
  products: Product[];
}

export interface Explanation {
  key: string;
  automation: string | null;
  facts: Json;
  decision: { verdict: string; because: string[]; plan: string[]; decided_at: string; since: string } | null;
  effects: { name: string; state: string; summary: string; at: string; ref: Json }[];
  next: {
    due_at: string | null;
    reasons: string[];
    attempts: number;
    running: boolean;
    laid_aside: boolean;
    error: { code?: string; detail?: string; at?: number } | null;
  } | null;
  journal: (JournalRow & Pick<BriefRow, 'line' | 'bad'>)[];
}

export interface Run {
  attempt: number;
  environment: string;
  state: string;
  how: string;
  by: string;
  why: string | null;
  queued_at: string;
  started_at: string | null;
  ended_at: string | null;
  exit: number | null;
  signal: string | null;
  head: { moved: boolean; because: string } | null;
  log: string | null;
}

export interface Release {
  product: string;
  version: string;
  line: string;
  environment: string;
  state: string;
  file: string;
  size: number;
  md5: string;
  sha256: string;
  metadata: Record<string, string>;
  credential: string;
  received_at: string;
  committed_at: string;
  promoted: boolean;
  pinned: boolean;
  yanked: { at: string; by: string; reason: string } | null;
  runs: Run[];
}

export interface Channel {
  product: string;
  line: string;
  environment: string;
  head: string | null;
  history: { at: string; [field: string]: Json }[];
}

export interface ReleaseFigures {
  weeks: string[];
  lines: { line: string; released: number[]; leadHours: (number | null)[] }[];
}

export interface MergeRequest {
  key: string;
  verdict: string;
  because: string[];
  since: string;
  looked_at: string;
  url: string | null;
  state: string | null;
  draft: boolean;
  source_branch: string | null;
  target_branch: string | null;
  points: {
    point: 'source' | 'target' | 'base';
    commit: string | null;
    version: string | null;
    line: string | null;
    place: string | null;
    fault: string | null;
  }[];
  drags: { line: string; lowest: string; all: boolean }[];
}

export interface BoardIssue {
  key: string;
  verdict: string;
  because: string[];
  since: string;
  looked_at: string;
  state: string | null;
  merge_requests: { name: string; state: string }[];
  last_move: { summary: string; state: string; at: string } | null;
}

export interface Race {
  fingerprint: string;
  key: string;
  title: string;
  type: string;
  detector: string;
  sites: [string, string];
  confidence: string;
  count: number;
  boxes: string[];
  builds: string[];
  first_seen: string;
  last_seen: string;
  days: number[];
  issue: { project: string; iid: number; state: 'opened' | 'closed' } | null;
}

export interface Frame {
  func: string;
  file: string | null;
  line: number | null;
}

export interface RaceReport {
  id: string;
  count: number;
  confidence: string;
  build: string | null;
  text: string | null;
  accesses: {
    kind: string;
    previous: boolean;
    actor: string | null;
    stack: Frame[];
    lost: boolean;
    elided: boolean;
  }[];
  creations: { actor: string; stack: Frame[] }[];
}

export interface RaceDetail extends Race {
  seen: { box: string; build: string | null; count: number; first_seen: string; last_seen: string }[];
  reports: RaceReport[];
}

export interface Box {
  name: string;
  last_heard: string;
  says_nothing: string | null;
  sessions: { build: string | null; race: boolean; started_at: string; ended_at: string }[];
}

export interface Library {
  key: string;
  project: string;
  verdict: string;
  because: string[];
  since: string;
  looked_at: string;
  latest: string[];
  tags: number;
  ours: number;
  behind: {
    key: string;
    project: string;
    branch: string;
    from: string;
    to: string;
    merge_request: { iid: number; state: string } | null;
  }[];
}

export interface Escalation {
  key: string;
  ticket_id: number;
  state: 'running' | 'done' | 'done_with_warnings' | 'failed';
  progress: { done: number; total: number; step: string } | null;
  issue: { url: string; iid: number; project: string; state: string; labels: string[] } | null;
  warnings: string[];
  error: { code: string; detail: string } | null;
  waiting: string | null;
  requested_by: string | null;
  requested_at: string | null;
  subject: string | null;
  requester: string | null;
  company: string | null;
  ticket_url: string | null;
  copied: { messages: number; files: number } | null;
  also_affected: { key: string; company: string | null }[];
  fixed_at: string | null;
}

export interface Beat {
  at: string;
  looks: number;
  failed: number;
  slowest: number;
  lag: number;
  budget: number | null;
}
