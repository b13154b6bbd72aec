import { SignalboxError } from '../errors.ts';

/**
 * `group/project!12`, or the address of a merge request, as `merge-request:group/project!12`.
 *
 * @throws SignalboxError SBX_USAGE
 */
export function parseMergeRequestKey(text: string): string {
  const short = /^(?:merge-request:)?([\w.-]+(?:\/[\w.-]+)+)!(\d+)$/.exec(text);
  if (short) return `merge-request:${short[1]}!${short[2]}`;
  if (URL.canParse(text)) {
    const long = /^\/(.+?)(?:\/-)?\/merge_requests\/(\d+)/.exec(new URL(text).pathname);
    if (long) return `merge-request:${decodeURIComponent(long[1] ?? '')}!${long[2]}`;
  }
  throw new SignalboxError('SBX_USAGE', `${text} is no merge request: write group/project!12, or its address`);
}
