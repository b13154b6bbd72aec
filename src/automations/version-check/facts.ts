/** A version read at one point, or why there is none. Details quote the repository: untrusted text. */
export type Reading =
  | { ok: true; version: string; line: string; place: string }
  | { ok: false; reason: string; detail: string };

/** A newer or older line whose commits the merge request would carry into the target. */
export interface Drag {
  line: string;
  branch: string;
  /** Newest common commit of the head and that line's branch; not yet in the target. */
  mergeBase: string;
  /** Everything in the merge request is in that line already. */
  all: boolean;
  /** The oldest line that contains `mergeBase`: where the carried commits come from. */
  lowest: string;
}

/** Our own discussion or note on the merge request, as it stands. */
export interface OwnText {
  discussion: string;
  note: number;
  /** Which situation the text describes. */
  fingerprint: string;
  /** Whether the text reports a mismatch (`open`), a waived one, or that all is well. */
  state: string;
  resolvable: boolean;
  resolved: boolean;
  resolvedBy: Person | null;
}

export interface Person {
  id: number;
  username: string;
  /** 30 Developer, 40 Maintainer, 50 Owner; 0 no member. */
  accessLevel: number;
}

/** `/signalbox allow …: reason`, written by a person. */
export interface AllowCommand {
  note: number;
  discussion: string;
  by: Person;
  reason: string;
}

/** One of our replies, recognised by its marker. */
export interface OwnReply {
  /** `waiver`: a mismatch was waived; `refusal`: a waiver or a resolve was not accepted; `change`, `merged`: told. */
  about: string;
  fingerprint: string;
  /** What it answers: `note:17`, `resolve:5`. */
  answers: string;
  by: string;
  reason: string;
}

/** Everything the decision is made from. Plain JSON: `explain` shows it. */
export interface VersionCheckFacts {
  project: string;
  iid: number;
  url: string;
  found: boolean;
  state: 'opened' | 'closed' | 'merged' | 'locked';
  /** ms since the epoch */
  mergedAt: number | null;
  draft: boolean;
  sourceBranch: string;
  targetBranch: string;
  labels: string[];
  head: string | null;
  target: string | null;
  base: string | null;
  /** What is missing while GitLab is still preparing the merge request: worth another look soon. */
  notReady: string | null;
  versions: { source: Reading; target: Reading; base: Reading };
  drags: Drag[];
  /** Read only where the decision hangs on them. */
  changedPaths: string[] | null;
  own: OwnText[];
  replies: OwnReply[];
  commands: AllowCommand[];
  /** The state of our commit status on the head, where that gate is on. */
  commitStatus: { state: string; description: string } | null;
  /** Our external status check on the merge request, where that gate is on. */
  statusCheck: { id: number; status: string } | null;
}

/** The project's rules, as far as the decision needs them. */
export interface VersionCheckRules {
  /** Newest first. */
  lines: { name: string; branch: string }[];
  gate: ('thread' | 'commit_status' | 'external_status_check')[];
  overrideRole: 'developer' | 'maintainer' | 'owner';
  onDraft: 'check' | 'defer';
  unknown: 'note' | 'block' | 'ignore';
  forwardMerge: 'allow' | 'block';
  forwardMergeLabel: string | undefined;
  /** Globs: what may change along with the version. */
  bumpPaths: string[];
  /** Globs: version files that a forward merge may carry along. */
  excludeFiles: string[];
  versionFiles: string[];
}
