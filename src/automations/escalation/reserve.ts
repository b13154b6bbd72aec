import {
  type EscalatedIssue,
  type EscalationDocument,
  KIND,
  NEW_ESCALATION,
  ticketId,
  ticketKey,
} from './documents.ts';
import type { Store } from './store.ts';

export interface Press {
  domain: string;
  ticket: number;
  project: string;
  by: string;
  follow: boolean;
  now: number;
}

/**
 * What a press comes to: the ticket is reserved and its key due in one transaction, so that of many presses one is the first, and a
 * process that dies after the answer forgets nothing.
 */
export async function reserve(press: Press, store: Store): Promise<{ document: EscalationDocument; isNew: boolean }> {
  const { domain, ticket, by, follow, now } = press;
  const key = ticketKey(domain, ticket);
  const due = { signals: [{ key, reason: `pressed by ${by}`, urgent: true }] };
  const journal = [{ kind: 'operator' as const, key, data: { escalate: ticket, by } }];
  let isNew = false;
  const document = await store.documents.change<EscalationDocument>(
    KIND.escalation,
    ticketId(domain, ticket),
    current => {
      isNew = current === null;
      if (current === null) {
        const { project } = press;
        const body = { ...NEW_ESCALATION, domain, ticket, project, requestedBy: by, requestedAt: now, follow };
        return { body: body satisfies EscalationDocument, ...due, journal };
      }
      const wantsMore = follow && !current.follow;
      if (current.state === 'failed') {
        return {
          body: { ...current, state: 'running', error: null, follow: current.follow || follow },
          ...due,
          journal,
        };
      }
      if (current.trouble !== null || wantsMore) {
        return { body: { ...current, trouble: null, follow: current.follow || follow }, ...due };
      }
      return null;
    },
  );
  if (document === null) throw new Error(`ticket ${ticket} was not reserved`);
  return { document, isNew };
}

/** The ticket belongs to an issue that is there already. @returns null where it belongs to another one */
export async function reserveLink(
  press: Press & { issue: EscalatedIssue; warnings: string[] },
  store: Store,
): Promise<EscalationDocument | null> {
  const { domain, ticket, by, issue, now } = press;
  const key = ticketKey(domain, ticket);
  let refused = false;
  const document = await store.documents.change<EscalationDocument>(
    KIND.escalation,
    ticketId(domain, ticket),
    current => {
      refused =
        current !== null && !isSame(current.issue, issue) && !(current.state === 'failed' && current.issue === null);
      if (refused || (current !== null && isSame(current.issue, issue))) return null;
      const body: EscalationDocument = {
        ...NEW_ESCALATION,
        domain,
        ticket,
        project: issue.project,
        requestedBy: by,
        requestedAt: now,
        follow: press.follow,
        issue,
        linked: true,
        warnings: press.warnings,
      };
      return {
        body,
        signals: [{ key, reason: `linked by ${by}`, urgent: true }],
        journal: [{ kind: 'operator', key, data: { link: `${issue.project}#${issue.iid}`, by } }],
      };
    },
  );
  if (refused) return null;
  await store.addTicket(issue, domain, ticket);
  return document;
}

function isSame(a: EscalatedIssue | null, b: EscalatedIssue): boolean {
  return a !== null && a.iid === b.iid && a.project.toLowerCase() === b.project.toLowerCase();
}
