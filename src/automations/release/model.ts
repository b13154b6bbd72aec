/**
 * What is remembered about releases: documents of the engine, one kind each. The bytes and the authoritative
 * `release.json` are in the release's directory (store/); these records say what became of it.
 */

/** Kinds of documents, see engine/documents. */
export const RELEASE = 'release';
/** Id `<product>/<line>/<environment>`; a `Channel` of channels/move-head.ts. */
export const CHANNEL = 'channel';
export const IDEMPOTENCY = 'idempotency';
export const USED_TOKEN = 'release-token';

/**
 * `receiving` and `verified` are an upload under way and never stored. `queued` and `running` follow the newest run;
 * `released`, `failed`, `timed_out` and `interrupted` are how it ended. `rejected`: its bytes are gone or damaged.
 */
export type ReleaseState =
  | 'receiving'
  | 'verified'
  | 'queued'
  | 'running'
  | 'released'
  | 'failed'
  | 'timed_out'
  | 'interrupted'
  | 'rejected';

export type RunState = Exclude<ReleaseState, 'receiving' | 'verified' | 'rejected'>;

export type RunPurpose = 'released' | 'promoted' | 'rolled-back';

/** One run of the product's release script for one environment. Times are ms since the epoch. */
export interface ReleaseRun {
  /** 1, 2, 3 … over all environments of the release; the script sees it as RELEASE_ATTEMPT. */
  attempt: number;
  environment: string;
  state: RunState;
  /** What it is for: the first run, a person's promotion, a person's way back. */
  how: RunPurpose;
  /** Who wanted it: a credential's or a person's name. */
  by: string;
  /** The person's reason. */
  why: string | null;
  queuedAt: number;
  /** Not started earlier: an earlier attempt's script has asked to be tried later. */
  notBefore: number;
  startedAt: number | null;
  endedAt: number | null;
  /** Exit code, null while it has none or when a signal ended it. */
  exit: number | null;
  signal: string | null;
  /** What became of the channel's head when it was released; null before that, and where it was not. */
  head: { moved: boolean; because: string } | null;
  /** Marks its processes; another one for each start. */
  runId: string | null;
  /** The process that watches it, where not all run on one machine. */
  runner?: string | null;
  /** Name of the log file, in the place that the runner keeps them; null before the first line. */
  log: string | null;
}

/** Document `release`, id `<product>/<version>`: written with its first run in the transaction that commits an upload. */
export interface ReleaseDocument {
  product: string;
  version: string;
  line: string;
  /** Where it was sent to; further environments are reached by promotion and stand in `runs`. */
  environment: string;
  metadata: Record<string, string>;
  /** Name of the artifact in the release's directory. */
  file: string;
  /** bytes */
  size: number;
  /** 32 hexadecimal digits; a transport check only. */
  md5: string;
  /** 64 hexadecimal digits: the identity of the bytes. */
  sha256: string;
  state: ReleaseState;
  /** Name of the credential that sent it. */
  credential: string;
  receivedAt: number;
  /** The store's own name for its bytes, where it gives one: see store/bucket-store.ts. */
  object?: string | undefined;
  committedAt: number;
  runs: ReleaseRun[];
  /** Kept by retention whatever its age. */
  pinned: boolean;
  yanked: { at: number; by: string; reason: string } | null;
}

/** Document `idempotency`, id `<product>/<credential>/<key>`: a finished request, so that its repetition gets the same answer. */
export interface IdempotencyDocument {
  version: string;
  /** SHA-256 over version and metadata, hexadecimal. */
  fingerprint: string;
  sha256: string;
  md5: string;
  at: number;
}

/** Document `release-token`, id the SHA-256 of the `jti`: a GitLab id_token serves one release, however often it is sent. */
export interface UsedTokenDocument {
  product: string;
  version: string;
  /** ms since the epoch */
  expiresAt: number;
}

/** The lane of a product: one script at a time. */
export function laneKey(product: string): string {
  return `lane:${product}`;
}

/** Why a release is as it is. */
export function releaseKey(product: string, version: string): string {
  return `release:${releaseId(product, version)}`;
}

/** What an update server reads, as files. */
export function publishKey(product: string): string {
  return `publish:${product}`;
}

export function releaseId(product: string, version: string): string {
  return `${product}/${version}`;
}

export function channelId(product: string, line: string, environment: string): string {
  return `${product}/${line}/${environment}`;
}

/** A run that waits for its turn in the lane. */
export function queuedRun(
  run: Pick<ReleaseRun, 'attempt' | 'environment' | 'by' | 'queuedAt'> & Partial<ReleaseRun>,
): ReleaseRun {
  return {
    state: 'queued',
    how: 'released',
    why: null,
    notBefore: run.queuedAt,
    startedAt: null,
    endedAt: null,
    exit: null,
    signal: null,
    head: null,
    runId: null,
    log: null,
    ...run,
  };
}

/**
 * Resolves when the run has ended, with how; rejects when `signal` aborts. Built by the runner, used by the doors whose
 * answer is the release's fate. A run that ended long ago resolves at once.
 */
export type WaitForRun = (
  product: string,
  version: string,
  attempt: number,
  signal?: AbortSignal,
) => Promise<ReleaseRun>;
