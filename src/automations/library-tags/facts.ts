import type { OpenJob } from './keyless/jobs.ts';
import type { OwnTag } from './ledger.ts';
import type { GoModule } from './module-path.ts';
import type { CommitFact, MergeRequestFact, Relation, TagFact } from './snapshot.ts';

/** How one module stands at one commit, as far as `decide` does not share it with the others. */
export interface ModuleFacts {
  module: GoModule | null;
  relations: Readonly<Record<string, Relation>>;
  cutBelow: readonly string[];
  /** False when no branch has the commit any more. */
  onBranch: boolean;
}

/** A commit that a branch was updated to. */
export interface HeadFacts {
  commit: string;
  message: string;
  /** Since the lowest base of its modules. Only what the decision reads is kept of their messages. */
  commits: CommitFact[];
  mergeRequest: MergeRequestFact | null;
  modules: ModuleFacts[];
}

/** A branch that versions come from, with the updates that may want one. */
export interface BranchFacts {
  branch: string;
  /** Where it is now. */
  head: string;
  /** How far a look at the whole branch has come: `head`, unless there were too many updates for one. */
  reached: string | null;
  /** Oldest first, each contained in the next; of a whole branch the last is `reached`. Empty where nothing is to be decided. */
  updates: HeadFacts[];
  /** Updates behind `reached`, for the next look. */
  later: number;
  /** False where only the updates that CI jobs ask for are taken up, and not what the branch is at. */
  whole: boolean;
}

/** A CI job that waits for its commit's version. */
export interface JobFacts extends OpenJob {
  /** Why its commit cannot be looked at; null otherwise. */
  fault: string | null;
}

/** Everything the decision is made from. Plain JSON: `explain` shows it. */
export interface LibraryFacts {
  project: string;
  projectId: number;
  found: boolean;
  archived: boolean;
  defaultBranch: string;
  /** Of thousands of tags only those that can matter; see TagDigest. */
  tags: TagFact[];
  tagCount: number;
  branches: BranchFacts[];
  /** Names of all branches that versions come from. */
  releasing: string[];
  /** Names that were seen before and are gone, with the commit they were on. */
  removed: TagFact[];
  /** How many tags the ledger does not have yet. */
  unseen: number;
  /** Tags that we made and that stand where we put them, newest last. */
  own: OwnTag[];
  jobs: JobFacts[];
  /** A person wants this look: nothing is held back. */
  asked: boolean;
}

/** What is remembered of a library between two looks. */
export type LibraryMemory = {
  /** Where each branch was when everything about it was settled. */
  heads: Record<string, string>;
  /** ms since the epoch */
  lookedAt: number;
  /** Our tags whose release and notes have been handed on. */
  shipped: string[];
};
