/** One library that a consumer is behind with. */
export interface BumpFacts {
  /** The go.mod's directory in the consumer, `''` for the root. */
  dir: string;
  /** The library's module path. */
  path: string;
  from: string;
  to: string;
  /** The library's project, and the tag there. */
  library: string;
  tag: string;
  /** What else the new version requires, so that only go can complete the change. */
  unmet: string[];
}

/** Our branch in the consumer. */
export interface BumpBranch {
  head: string;
  /** Its newest commit is ours; otherwise somebody has taken it over. */
  ours: boolean;
  /** Which change it holds, as its newest commit says. */
  change: string | null;
}

/** The newest merge request of our branch. */
export interface BumpRequest {
  iid: number;
  state: 'opened' | 'closed' | 'merged' | 'locked';
  /** Which change its description is about. */
  change: string | null;
}

export interface ConsumerFacts {
  project: string;
  branch: string;
  state: 'there' | 'not found' | 'no such branch' | 'not configured';
  /** Where the target branch is. */
  head: string;
  bumps: BumpFacts[];
  /** Hash of the wanted files; the same change has the same one. */
  change: string;
  ownBranch: BumpBranch | null;
  request: BumpRequest | null;
  vendored: boolean;
}

/** The branch that a consumer's changes are offered from: one for each target, updated in place. */
export function bumpBranch(target: string): string {
  return `signalbox/libraries/${target}`;
}
