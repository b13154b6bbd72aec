import type { ErrorRow } from './error-row.ts';

/** Escalation from Freshdesk. */
export const ESCALATION = {
  SBX_TICKET_NOT_FOUND: {
    status: 404,
    title: 'There is no such ticket',
    remedy: 'Check the number, and that the agent of freshdesk.api_key may see the ticket.',
  },
  SBX_TICKET_UNFIT: {
    status: 409,
    title: 'The ticket is not to be escalated',
    remedy: 'Take it out of the spam or restore it, then press again.',
  },
  SBX_PROJECT_NOT_FOUND: {
    status: 409,
    title: 'The project of the escalations cannot be seen',
    remedy: 'Check escalation.project, and that the token of GitLab has a role there.',
  },
  SBX_ESCALATION_NOT_FOUND: {
    status: 404,
    title: 'The ticket is not escalated',
    remedy: 'Press the button, or: signalbox escalate TICKET',
  },
  SBX_ESCALATION_OTHER_ISSUE: {
    status: 409,
    title: 'The ticket belongs to another issue',
    remedy: 'A ticket belongs to one issue. Relate the two issues in GitLab instead.',
  },
  SBX_ISSUE_NOT_FOUND: {
    status: 404,
    title: 'There is no such issue',
    remedy: 'Name it as group/project#3 or by its address, in a project that the token of GitLab may see.',
  },
  SBX_AGENT_UNKNOWN: {
    status: 401,
    title: 'The agent is not known',
    remedy: 'Send `Authorization: Bearer …` with the token of one of `escalation.agents`, or of an operator.',
  },
  SBX_WEB_PAGE_REFUSED: {
    status: 403,
    title: 'Web pages may not ask for escalations',
    remedy: 'Only extensions, apps and programs may: a page that one happens to look at must not escalate in its name.',
  },
} as const satisfies Record<string, ErrorRow>;
