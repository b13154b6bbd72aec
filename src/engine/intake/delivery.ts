import type { IncomingHttpHeaders } from 'node:http';

/** A webhook request that passed its check, ready to be stored. */
export interface NewDelivery {
  source: string;
  /** The same for every copy of one delivery, different for every other; unique within its source. */
  dedupeKey: string;
  event: string;
  chain: string | null;
  origin: 'pushed' | 'backfilled';
  /** ms since the epoch */
  receivedAt: number;
  /** The raw bytes as they came; not to be changed before the delivery is on disk. */
  body: Uint8Array;
}

/** A delivery read back, parsed. */
export interface Delivery {
  source: string;
  event: string;
  chain: string | null;
  origin: 'pushed' | 'backfilled';
  receivedAt: number;
  payload: unknown;
}

/** A key to look at again, and why. */
export interface Signal {
  key: string;
  reason: string;
  /** Earliest time to look, ms since the epoch; without it, at once. */
  dueAt?: number;
  /** Somebody waits for this look, and it is no echo of others: it is not spaced out. */
  urgent?: boolean;
}

/** One place that deliveries come from: who may send them, and what is read off their headers. */
export interface DeliverySource {
  /** `gitlab`: also the last part of its address, /hooks/gitlab. */
  name: string;
  maxBytes: number;
  /** Checks the raw bytes against the configured secrets. Never throws; `reason` never holds a secret. */
  verify(headers: IncomingHttpHeaders, body: Uint8Array, now: number): { ok: true } | { ok: false; reason: string };
  describe(headers: IncomingHttpHeaders, body: Uint8Array): { dedupeKey: string; event: string; chain: string | null };
}

/** Says which keys a delivery concerns; one per automation. Must not throw on foreign shapes: what it does not know names no key. */
export type NameKeys = (delivery: Delivery) => Signal[];
