import { lineOf, parseVersion } from './version-number.ts';

/** Why no version came out. */
export type MissReason =
  | 'not-found'
  | 'binary'
  | 'lfs-pointer'
  | 'symlink'
  | 'submodule'
  | 'too-large'
  | 'no-match'
  | 'not-a-version';

export interface Found {
  ok: true;
  /** As it was written, trimmed and without a leading `v`: `5.3.1`, `18.9.0-pre`. */
  version: string;
  /** The first so many numbers, in one canonical form, so that lines may be compared with `===`. */
  line: (components: number) => string;
}

export interface Missed {
  ok: false;
  reason: MissReason;
  /** For people, one line. May quote the file, so it is untrusted text wherever it is shown. */
  detail: string;
}

export type Extraction = Found | Missed;

/** The longest piece of somebody else's text that a detail repeats. */
const QUOTE_LENGTH = 60;

export function missed(reason: MissReason, detail: string): Missed {
  return { ok: false, reason, detail };
}

/** Shortens and flattens somebody else's text for a detail. */
export function quote(text: string): string {
  const flat = text.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
  const short = flat.slice(0, QUOTE_LENGTH);
  return `"${short}${flat.length > short.length ? '…' : ''}"`;
}

/** Turns the text from the place where the version should be into a result. */
export function toExtraction(text: string): Extraction {
  const parsed = parseVersion(text);
  if (!parsed.ok) return missed('not-a-version', `${quote(text)} ${parsed.why}`);
  const { version } = parsed;
  return { ok: true, version, line: components => lineOf(version, components) };
}
