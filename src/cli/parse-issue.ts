import { SignalboxError } from '../errors.ts';

/**
 * `group/project#12`, or the address of an issue, as `issue:group/project#12`.
 *
 * @throws SignalboxError SBX_USAGE
 */
export function parseIssueKey(text: string): string {
  const short = /^(?:issue:)?([\w.-]+(?:\/[\w.-]+)+)#(\d+)$/.exec(text);
  if (short) return `issue:${short[1]}#${short[2]}`;
  if (URL.canParse(text)) {
    const long = /^\/(.+?)(?:\/-)?\/(?:issues|work_items)\/(\d+)/.exec(new URL(text).pathname);
    if (long) return `issue:${decodeURIComponent(long[1] ?? '')}#${long[2]}`;
  }
  throw new SignalboxError('SBX_USAGE', `${text} is no issue: write group/project#12, or its address`);
}
