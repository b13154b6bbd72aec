import { isPassing, SignalboxError } from '../../errors.ts';
import type { WrittenIssue } from '../../gitlab/client/issue-texts.ts';
import type { EscalationContext } from './context.ts';
import type { EscalatedIssue } from './documents.ts';
import type { Materials } from './material.ts';
import type { EscalationSettings } from './settings.ts';

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
export async function findLinkedIssue(
  named: string,
  { gitlab, settings }: Pick<EscalationContext, 'gitlab' | 'settings'>,
): Promise<{ issue: EscalatedIssue; warnings: string[] }> {
  const parsed = parseIssue(named, gitlab.url);
  const issue = parsed && (await gitlab.issueTexts.find(parsed.project, parsed.iid));
  if (!parsed || !issue) throw new SignalboxError('SBX_ISSUE_NOT_FOUND', named.slice(0, 200));
  const { web_url: url, state, labels } = issue;
  return { issue: { ...parsed, url, state, labels }, warnings: linkWarnings(parsed, issue, settings) };
}

/** An issue that we did not make may be seen by more people than ours would be. */
export function linkWarnings(
  { project, iid }: Pick<EscalatedIssue, 'project' | 'iid'>,
  issue: Pick<WrittenIssue, 'confidential'>,
  { confidential }: Pick<EscalationSettings, 'confidential'>,
): string[] {
  if (!confidential || issue.confidential === true) return [];
  return [`${project}#${iid} is not confidential: whoever may read it can read what the customer writes.`];
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
