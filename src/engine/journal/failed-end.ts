import type { Json } from '../json.ts';

const FAILED = new Set(['failed', 'timed_out', 'interrupted']);

/** How an effect ended that was done and led to nothing good, such as a script that ran and failed: by what it recorded; else null. */
export function failedEnd(ref: Json | undefined): string | null {
  if (typeof ref !== 'object' || ref === null || Array.isArray(ref)) return null;
  const { end } = ref;
  return typeof end === 'string' && FAILED.has(end) ? end : null;
}
