import type { Redactor } from '../redactor.ts';

const MAX = 300;

/**
 * The other side's own words from an error body: GitLab writes `{"message": …}` or `{"error": …}`, with a string, a list or
 * an object of lists in it; Freshdesk `{"description": …, "errors": […]}`; a proxy writes HTML. Shortened, on one line, and
 * without our own credentials, before it is shortened: half a token is still one.
 */
export function refusalText(body: Buffer, { clean }: Redactor): string {
  const text = clean(body.subarray(0, 65_536).toString('utf8')).slice(0, 8192);
  try {
    const parsed = JSON.parse(text) as Record<string, unknown>;
    const words = parsed['message'] ?? parsed['error_description'] ?? parsed['error'] ?? parsed['errors'] ?? '';
    return shorten(clean(typeof words === 'string' ? words : JSON.stringify(words)));
  } catch {
    return shorten(clean(text.replace(/<[^>]*>/g, ' ')));
  }
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= MAX ? line : `${line.slice(0, MAX)}…`;
}
