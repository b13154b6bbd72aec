/** A commit as GitLab's API describes it; dates are ISO 8601 with milliseconds and the commit's own offset. */
export interface CommitInfo {
  sha: string;
  parentShas: string[];
  treeSha: string;
  /** First line, shortened like GitLab does from 100 characters on. */
  title: string;
  /** Verbatim, with or without a final newline as it was committed. */
  message: string;
  /** Last value of each trailer key. */
  trailers: Record<string, string>;
  /** Every value of each trailer key, in order. */
  extendedTrailers: Record<string, string[]>;
  authorName: string;
  authorEmail: string;
  authoredDate: string;
  committerName: string;
  committerEmail: string;
  committedDate: string;
}

export interface TagInfo {
  name: string;
  /** The tag object if annotated, else the commit. */
  target: string;
  /** '' if lightweight. */
  message: string;
  commit: CommitInfo;
  /** The tagger's date; null if lightweight. */
  createdAt: string | null;
}

/** One moved ref; 40 zeros stand for "was not there" and "is gone". */
export interface RefUpdate {
  ref: string;
  before: string;
  after: string;
}

export interface Identity {
  name: string;
  email: string;
  /** ISO 8601; now if absent. */
  date?: string | undefined;
}

export interface FileAction {
  action: 'create' | 'update' | 'delete' | 'move' | 'chmod';
  path: string;
  previousPath?: string | undefined;
  /** For `move`: absent = the content stays. */
  content?: Buffer | undefined;
  executable?: boolean | undefined;
  /** The caller's last known commit of this file; a newer one is a conflict ("You are attempting to update a file that has changed since you started editing it."). */
  lastCommitId?: string | undefined;
}

export interface FileContent {
  blobId: string;
  size: number;
  content: Buffer;
  /** `100644`, `100755` or `120000` (a symlink; its content is the target). */
  mode: string;
  lastCommitId: string;
}

export interface TreeEntry {
  id: string;
  name: string;
  type: 'tree' | 'blob' | 'commit';
  path: string;
  mode: string;
}

export interface FileDiff {
  oldPath: string;
  newPath: string;
  aMode: string;
  bMode: string;
  newFile: boolean;
  renamedFile: boolean;
  deletedFile: boolean;
  /** From the first `@@` on, as GitLab gives it; "Binary files … differ" for binaries; '' when only name or mode changed. */
  diff: string;
}

export interface LogQuery {
  /** A revision or a range `a..b` / `a...b`; the default branch if absent. */
  revision?: string | undefined;
  all?: boolean | undefined;
  path?: string | undefined;
  author?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
  not?: string[] | undefined;
  firstParent?: boolean | undefined;
  order?: 'default' | 'topo' | undefined;
  skip?: number | undefined;
  limit?: number | undefined;
}

export interface FilesChange {
  branch: string;
  /** Where a new branch starts; the branch itself if absent. */
  startRevision?: string | undefined;
  /** Overwrite an existing branch with a commit on top of startRevision. */
  force?: boolean | undefined;
  message: string;
  author: Identity;
  committer?: Identity | undefined;
  actions: FileAction[];
}

export interface MergeChange {
  source: string;
  /** A branch name. */
  target: string;
  message: string;
  author: Identity;
  method: 'merge' | 'ff';
  /** Present = squash the source into one commit with this message first. */
  squashMessage?: string | undefined;
}

export interface PickChange {
  commit: string;
  branch: string;
  author: Identity;
  /** GitLab's default text if absent. */
  message?: string | undefined;
  /** Where a branch that does not exist yet starts. */
  startRevision?: string | undefined;
  dryRun?: boolean | undefined;
}

/** Called after refs moved, once per push or commit; `by` is the user name of a push over HTTP, null for everything else. */
export type UpdateListener = (updates: RefUpdate[], by: string | null) => void | Promise<void>;

export interface Repository {
  readonly path: string;
  /** Branch, tag (peeled), full or short sha, `refs/…`, `HEAD` or another git revision -> commit sha, null if there is none. */
  resolve(revision: string): Promise<string | null>;
  commit(revision: string): Promise<CommitInfo | null>;
  log(query: LogQuery): Promise<CommitInfo[]>;
  /** Sorted by name. */
  branches(): Promise<{ name: string; sha: string }[]>;
  /** Unsorted; the array is shared and frozen until a tag changes. */
  tags(): Promise<readonly TagInfo[]>;
  tag(name: string): Promise<TagInfo | null>;
  createBranch(name: string, revision: string): Promise<void>;
  deleteBranch(name: string): Promise<void>;
  createTag(tag: { name: string; revision: string; message?: string | undefined; tagger: Identity }): Promise<TagInfo>;
  deleteTag(name: string): Promise<void>;
  /** Any full ref name (e.g. `refs/merge-requests/1/head`); sha null deletes it; `expected` 40 zeros = must not exist. */
  updateRef(ref: string, sha: string | null, expected?: string): Promise<void>;
  /** null = unrelated histories; GitError not-found if a revision is unknown. */
  mergeBase(revisions: string[]): Promise<string | null>;
  isAncestor(ancestor: string, descendant: string): Promise<boolean>;
  readFile(revision: string, path: string): Promise<FileContent | null>;
  /** GitError not-found if the revision or the directory does not exist ("404 Tree Not Found"). */
  tree(revision: string, options: { path?: string | undefined; recursive?: boolean | undefined }): Promise<TreeEntry[]>;
  blob(id: string): Promise<Buffer | null>;
  commitFiles(change: FilesChange): Promise<CommitInfo>;
  merge(change: MergeChange): Promise<{ sha: string; squashSha: string | null }>;
  canMerge(source: string, target: string): Promise<boolean>;
  cherryPick(change: PickChange): Promise<CommitInfo>;
  revert(change: PickChange): Promise<CommitInfo>;
  /** Replays `branch`'s own commits on top of `onto`; the new head. */
  rebase(change: { branch: string; onto: string; committer: Identity }): Promise<string>;
  /** `from` may be 40 zeros: the empty tree. */
  diff(from: string, to: string): Promise<FileDiff[]>;
  /** Lines added and deleted against the first parent. */
  stats(revision: string): Promise<{ additions: number; deletions: number; total: number }>;
  commitCount(from: string, to: string): Promise<number>;
  /** Branches and tags that contain a commit. */
  refsContaining(revision: string): Promise<{ type: 'branch' | 'tag'; name: string }[]>;
  /** Brings a commit of another repository (a fork) in, as `ref`. */
  fetch(other: Repository, sha: string, ref: string): Promise<void>;
  headBranch(): Promise<string>;
  setHeadBranch(name: string): Promise<void>;
  onUpdate(listener: UpdateListener): void;
  /** Reads the refs again after something other than this handle changed them; tells no listener. */
  refresh(): Promise<void>;
  /** Ends the git processes kept for this repository; it may be used again afterwards. */
  close(): void;
}
