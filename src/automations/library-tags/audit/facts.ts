/** How one module's tags look to Go. */
export interface AuditedModule {
  /** Null in a repository without Go. */
  path: string | null;
  dir: string;
  /** Why go can use no tag of it at all. */
  fault: string | null;
  /** What `go get …@latest` gives; null while there is no version. */
  latest: string | null;
  /** Names that people take for versions and go does not. */
  lookAlikes: string[];
  /** Releases of a major version that the module path does not have. */
  unusable: string[];
  /** Highest versions that are on no commit at all. */
  notCommits: string[];
  /** A release higher than all that the default branch contains, if its commit is not even on the way to it. */
  stray: string | null;
  /** The default branch's newest commit has no version although it should: which it would be. */
  due: string | null;
}

export interface AuditFacts {
  project: string;
  projectId: number;
  state: 'there' | 'not found' | 'archived' | 'empty' | 'not configured';
  defaultBranch: string;
  head: string;
  /** When the newest commit was made, ms. */
  headTime: number;
  tagCount: number;
  unseen: number;
  /** Versions that are elsewhere than where they were first seen. */
  moved: { name: string; from: string; to: string }[];
  /** Versions that were seen before and are gone. */
  removed: { name: string; peeled: string }[];
  modules: AuditedModule[];
}
