import { signal } from '@preact/signals';
import { readJson } from './read-json.ts';
import type { BriefRow } from './types.ts';

/** Rows of the live stream that are kept, newest first. */
const KEPT = 200;

export const liveRows = signal<readonly BriefRow[]>([]);
/** One higher whenever something was written down: pages that show it ask again. */
export const liveCount = signal(0);
/** One higher at each new connection: between two of them something may have been missed. */
export const liveJoined = signal(0);
export const liveState = signal<'connecting' | 'live' | 'away'>('connecting');

let source: EventSource | undefined;
let counting = false;

/**
 * Follows what happens for as long as the page is looked at: a browser has only a few connections to one address, and hidden
 * tabs should not use them up.
 */
export function followEvents(): void {
  document.addEventListener('visibilitychange', () => (document.hidden ? leave() : join()));
  join();
}

/** Rows that were read otherwise (at the start of the page), joined with those of the stream. */
export function addRows(rows: readonly BriefRow[]): void {
  const known = new Set(liveRows.value.map(row => row.seq));
  const fresh = rows.filter(row => !known.has(row.seq));
  if (fresh.length === 0) return;
  liveRows.value = [...fresh, ...liveRows.value].sort((a, b) => b.seq - a.seq).slice(0, KEPT);
}

function join(): void {
  if (source) return;
  liveState.value = 'connecting';
  source = new EventSource('/v1/events');
  source.addEventListener('open', () => {
    liveState.value = 'live';
    liveJoined.value++;
    // What happened while nobody looked is not in the stream.
    count();
  });
  source.addEventListener('error', () => {
    liveState.value = 'connecting';
    // A refusal closes it for good; then it is tried anew, since the service may only have been restarted.
    if (source?.readyState === EventSource.CLOSED) {
      source = undefined;
      setTimeout(() => !document.hidden && join(), 3000);
    }
  });
  source.addEventListener('journal', event => {
    addRows([readJson<BriefRow>((event as MessageEvent<string>).data)]);
    count();
  });
}

function leave(): void {
  source?.close();
  source = undefined;
  liveState.value = 'away';
}

/** A burst of rows is one reason to ask again. */
function count(): void {
  if (counting) return;
  counting = true;
  setTimeout(() => {
    counting = false;
    liveCount.value++;
  }, 400);
}
