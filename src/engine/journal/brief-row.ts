import type { Json } from '../json.ts';
import { failedEnd } from './failed-end.ts';
import type { JournalKind, JournalRow } from './journal.ts';

/** A row as lists and the live stream show it: one line, and nothing long. */
export interface BriefRow {
  seq: number;
  at: string;
  kind: JournalKind;
  key: string | null;
  /** What happened, in one line. Untrusted text may be in it. */
  line: string;
  /** An effect that failed, a key that was laid aside, a delivery that could not be read. */
  bad: boolean;
}

const LONGEST = 240;
/** Of what a Date can be. */
const LAST_TIME = 8.64e15;

export function briefRow({ seq, at, kind, key, data }: JournalRow): BriefRow {
  const fields = isRecord(data) ? data : {};
  const bad =
    kind === 'failure' ||
    fields['outcome'] === 'failed' ||
    fields['unreadable'] === true ||
    // An effect keeps how it ended beside what it led to; a run of a script says it in its own row.
    failedEnd(fields['ref']) !== null ||
    failedEnd(fields) !== null;
  return { seq, at: new Date(at).toISOString(), kind, key, line: cut(lineOf(fields)), bad };
}

function lineOf(fields: Record<string, Json>): string {
  const text = (name: string): string | null => {
    const value = fields[name];
    return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null;
  };
  const verdict = text('verdict');
  if (verdict !== null) {
    const [because] = Array.isArray(fields['because']) ? fields['because'] : [];
    return typeof because === 'string' ? `${verdict}: ${because}` : verdict;
  }
  const summary = text('summary');
  if (summary !== null) {
    const outcome = failedEnd(fields['ref'])?.replace('_', ' ') ?? text('outcome');
    const detail = text('detail');
    return outcome === 'done' || outcome === null
      ? summary
      : `${summary}: ${outcome}${detail === null ? '' : `, ${detail}`}`;
  }
  const reason = text('reason');
  if (reason !== null) return `${text('event') ?? text('source') ?? 'signal'}: ${reason}`;
  if (text('replay') !== null) return `replay of ${text('replay')} by ${text('by') ?? 'somebody'}`;
  return Object.entries(fields)
    .filter(([name]) => name !== 'facts')
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${isTime(name, value) ? iso(value) : plain(value)}`)
    .join(' · ');
}

/** `again_at`, and whatever else is called so: ms since the epoch. */
function isTime(name: string, value: Json): value is number {
  return /(^|_)at$/.test(name) && typeof value === 'number' && Math.abs(value) <= LAST_TIME;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function plain(value: Json): string {
  if (Array.isArray(value)) return value.length > 4 ? `(${value.length})` : value.map(plain).join(', ') || 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function cut(line: string): string {
  const flat = line
    .slice(0, LONGEST * 4)
    .replace(/\s+/g, ' ')
    .replace(/\b([0-9a-f]{8})[0-9a-f]{24,}\b/g, '$1…');
  return flat.length <= LONGEST ? flat : `${flat.slice(0, LONGEST)}…`;
}

function isRecord(value: Json): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
