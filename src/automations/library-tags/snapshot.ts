import type { GoModule } from './module-path.ts';
import type { Bump } from './semver.ts';

/** A tag of the remote as `ls-refs` gives it. */
export interface TagFact {
  /** Without `refs/tags/`. */
  name: string;
  /** What the tag points at after following every tag object; usually a commit, but blobs and trees can be tagged too. */
  peeled: string;
}

/**
 * How a tag's target stands to the commit in question: `ancestor` = the commit contains it, `descendant` = it contains
 * the commit, `not-a-commit` = a blob or a tree.
 */
export type Relation = 'same' | 'ancestor' | 'descendant' | 'unrelated' | 'not-a-commit';

export interface CommitFact {
  oid: string;
  parents: readonly string[];
  message: string;
}

export interface MergeRequestFact {
  /** Full reference, `acme/lib-ssh!12`. */
  reference: string;
  title: string;
  description: string;
  labels: readonly string[];
}

/** Everything `decide` looks at, for one stream of tags. Lists may be in any order. */
export interface Snapshot {
  /** The commit that is to have a version, as a full object id. */
  commit: string;
  commitMessage: string;
  /** The branch that was updated; null in a pipeline that runs for a tag or a merge request. */
  branch: string | null;
  defaultBranch: string;
  /** False when the commit is no longer on the branch (it was rewritten); leave out where it is not known. */
  onBranch?: boolean;
  /** Names of other branches, where known: used only to warn about a release line that has a branch of its own. */
  branches?: readonly string[];
  tags: readonly TagFact[];
  /**
   * Names of tags below which others of the same prefix and major were left out of `tags` (see TagDigest). A decision that
   * would have to look below them is a refusal; then read all tags.
   */
  cutBelow?: readonly string[];
  /**
   * By peeled object id, at least for what `candidatesOf` yields down to the first ancestor.
   * Where an answer is missing the decision is to refuse, never to guess.
   */
  relations: Readonly<Record<string, Relation>>;
  /** The go.mod whose stream is decided; null in a repository that has none. */
  module: GoModule | null;
  /** The commit and what it contains back to the base, or more; what the base contains is left out by `decide`. */
  commits: readonly CommitFact[];
  /** The merge request by which the commit came in, where known. */
  mergeRequest?: MergeRequestFact | null;
  /** Names of every tag ever seen in this repository: a deleted number is never given to another commit. */
  ledger: readonly string[];
}

export interface Policy {
  /** `patch`, `minor`, `major`: at least this. `conventional`, `keywords`: at least a patch, more as the commits say. */
  bump: Bump | 'conventional' | 'keywords';
  /** The version of a library that has none; default v0.0.1, with `conventional` v0.1.0. A line or /vN has its own. */
  first?: string;
  /** `contained` (default): a commit that a later version already contains needs none. */
  late?: 'contained' | 'every-commit';
  /** Modules without a change since their base: `skip` (default), or `tag`. */
  unchanged?: 'skip' | 'tag';
  /** Labels of the merge request that raise the bump or suppress the tag; compared without regard to case. */
  labels?: Readonly<Record<Bump | 'none', readonly string[]>>;
  /** `1.2.3` instead of `v1.2.3`; only for repositories without Go modules. */
  bare?: boolean;
  /** Makes a pre-release `v1.2.4-<this>` instead of a release. */
  preRelease?: string;
  /** Build metadata `v1.2.4+<this>`; only for repositories without Go modules. */
  build?: string;
}

export const DEFAULT_LABELS = {
  major: ['release::major', 'bump::major', 'semver::major'],
  minor: ['release::minor', 'bump::minor', 'semver::minor'],
  patch: ['release::patch', 'bump::patch', 'semver::patch'],
  none: ['release::none', 'skip release', 'skip tag', 'no release'],
} as const satisfies Record<Bump | 'none', readonly string[]>;

export type TagAction = 'create' | 'exists' | 'contained' | 'skip' | 'refuse';

export interface Decision {
  action: TagAction;
  /** The tag to create, or that exists on this commit; null otherwise (a contained commit has no version of its own). */
  tag: string | null;
  /** The release the number is counted from, the highest one in the commit's history. */
  base: string | null;
  bump: Bump | null;
  commit: string;
  /** `contained`: the lowest known later version that already has this commit. */
  containedIn: string | null;
  reasons: string[];
  warnings: string[];
}
