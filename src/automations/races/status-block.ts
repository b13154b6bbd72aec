import type { Markdown } from '../../gitlab/text/markdown.ts';
import { marker, readMarker } from '../../gitlab/text/marker.ts';

/** The hidden comments by which we know our own texts again. */
export const MARKER = {
  /** Last in the text of an issue about a race; its key is `race:<fingerprint>`. */
  race: 'race',
  statusBegin: 'race-status',
  /** Its fields say what the block between the two shows. */
  statusEnd: 'race-status-end',
  /** A day's comment. */
  note: 'race-note',
  /** An answer to a command. */
  answer: 'race-answer',
  /** A day's digest; its key is `<project>/<day>`. */
  digest: 'race-digest',
} as const;

/** What the status block says about itself. */
export interface StatusFields {
  state: string;
  count: number;
  firstAt: number;
}

export function statusMarkers(
  key: string,
  { state, count, firstAt }: StatusFields,
): { begin: Markdown; end: Markdown } {
  return {
    begin: marker({ kind: MARKER.statusBegin, key }),
    end: marker({
      kind: MARKER.statusEnd,
      key,
      fields: { state, count: String(count), first: new Date(firstAt).toISOString() },
    }),
  };
}

/** What the block in a description shows; null when somebody has taken it out. */
export function readStatus(description: string): StatusFields | null {
  const range = rangeOf(description.split(/\r?\n/));
  const fields = range && readMarker(description, MARKER.statusEnd)?.fields;
  if (!fields) return null;
  return {
    state: fields['state'] ?? '',
    count: Number(fields['count']) || 0,
    firstAt: Date.parse(fields['first'] ?? '') || 0,
  };
}

/** The description with another block; what people wrote around it stays. Null when there is no block to replace. */
export function replaceStatus(description: string, block: Markdown): string | null {
  const lines = description.split(/\r?\n/);
  const range = rangeOf(lines);
  if (range === null) return null;
  return [...lines.slice(0, range.begin), block, ...lines.slice(range.end + 1)].join('\n');
}

/** The block's first and last line. It stands before all text of others, so that the first one is ours. */
function rangeOf(lines: readonly string[]): { begin: number; end: number } | null {
  const begin = lines.findIndex(line => line.startsWith(`<!-- signalbox:${MARKER.statusBegin} `));
  const end = lines.findIndex((line, index) => index > begin && line.startsWith(`<!-- signalbox:${MARKER.statusEnd} `));
  return begin < 0 || end < 0 ? null : { begin, end };
}
