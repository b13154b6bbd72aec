import { isPassing, SignalboxError } from '../../errors.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { EscalatedIssue } from './documents.ts';
import type { Materials } from './material.ts';

/**
 * Whether there is a ticket to link: whoever mistyped it is told at once. While Freshdesk cannot be asked, the look will.
 *
 * @throws SignalboxError SBX_TICKET_NOT_FOUND
 */
export async function assertTicket(ticket: number, materials: Materials): Promise<void> {
  try {
    if ((await materials.readTicket(ticket)) !== null) return;
  } catch (error) {
    if (isPassing(error)) return;
    throw error;
  }
  throw new SignalboxError('SBX_TICKET_NOT_FOUND', `ticket ${ticket}`);
}

/** The issue that somebody names as `group/project#3` or by its address, of either form. @throws SignalboxError SBX_ISSUE_NOT_FOUND */
export async function findLinkedIssue(named: string, gitlab: GitLab): Promise<EscalatedIssue> {
  const parsed = parseIssue(named, gitlab.url);
  const issue = parsed && (await gitlab.issueTexts.find(parsed.project, parsed.iid));
  if (!parsed || !issue) throw new SignalboxError('SBX_ISSUE_NOT_FOUND', named.slice(0, 200));
  return { ...parsed, url: issue.web_url, state: issue.state, labels: issue.labels };
}

/** GitLab 18.10 writes `/-/work_items/3` where there was `/-/issues/3`. */
export function parseIssue(named: string, gitlabUrl: string): { project: string; iid: number } | null {
  const short = /^([\w.-]+(?:\/[\w.-]+)+)#(\d{1,9})$/.exec(named.trim());
  if (short) return { project: short[1] ?? '', iid: Number(short[2]) };
  const base = `${gitlabUrl}/`;
  if (!named.startsWith(base) || !URL.canParse(named)) return null;
  const path = new URL(named).pathname.slice(new URL(base).pathname.length);
  const long = /^([\w.-]+(?:\/[\w.-]+)+?)(?:\/-)?\/(?:issues|work_items)\/(\d{1,9})\/?$/.exec(path);
  return long ? { project: long[1] ?? '', iid: Number(long[2]) } : null;
}
