import type { Generated } from 'kysely';

/** Times are milliseconds since the epoch; JSON columns are text. The same tables stand on SQLite and on PostgreSQL. */
export interface Tables {
  deliveries: DeliveryTable;
  intake_positions: IntakePositionTable;
  work: WorkTable;
  records: RecordTable;
  effects: EffectTable;
  journal: JournalTable;
  documents: DocumentTable;
  verdict_counts: VerdictCountTable;
}

/** One webhook request, as it came; here from the moment its keys are named, before that in the intake log. */
interface DeliveryTable {
  id: Generated<number>;
  source: string;
  /** What makes a second copy of the same delivery recognisable, within its source. */
  dedupe_key: string;
  event: string;
  /** The sender's chain id (GitLab: X-Gitlab-Event-UUID), passed back on our writes so that they do not come back as signals. */
  chain: string | null;
  origin: 'pushed' | 'backfilled';
  received_at: number;
  body: Uint8Array;
  state: 'sorted' | 'unreadable';
  /** JSON array: the keys that it named. */
  keys: string | null;
}

/** How far each intake log was read: everything before this byte of this segment is in `deliveries`. */
interface IntakePositionTable {
  log: string;
  segment: number;
  at_byte: number;
}

/** One row per key: what to look at again, and when. */
interface WorkTable {
  key: string;
  kind: string;
  due_at: number | null;
  /** JSON array of the newest reasons for looking; emptied when a worker takes the key, so what comes meanwhile makes it due again. */
  reasons: string;
  chain: string | null;
  /** Runs in the present burst of signals; spaces them out. */
  burst: number;
  attempts: number;
  owner: string | null;
  lease_until: number | null;
  last_started_at: number | null;
  last_finished_at: number | null;
  dead_at: number | null;
  /** JSON {code, detail, at} of the last failed run. */
  error: string | null;
}

/** The newest decision on a key: what `explain` shows. */
interface RecordTable {
  key: string;
  automation: string;
  facts: string;
  verdict: string;
  because: string;
  plan: string;
  /** What the automation wants to remember about this key, as JSON. */
  memory: string | null;
  fingerprint: string;
  decided_at: number;
  since: number;
  journal_seq: number;
}

/** One outward call that changes something. `doing` without an end is uncertain and gets settled by looking. */
interface EffectTable {
  key: string;
  name: string;
  state: 'doing' | 'done' | 'failed';
  summary: string;
  started_at: number;
  finished_at: number | null;
  ref: string | null;
}

interface JournalTable {
  seq: number;
  at: number;
  kind: string;
  key: string | null;
  data: string;
  hash: string;
}

/** What automations keep beyond one key's memory. */
interface DocumentTable {
  kind: string;
  id: string;
  body: string;
  /** One higher at each change. */
  revision: number;
  changed_at: number;
}

/** How many records there are; triggers keep it, nobody else writes it. */
interface VerdictCountTable {
  automation: string;
  /** Of the key: `merge-request`. */
  kind: string;
  /** The verdict's first 8 letters. */
  head: string;
  count: number;
}
