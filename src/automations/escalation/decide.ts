import type { Decision, PlannedAction } from '../../engine/automation.ts';
import { type EscalatedIssue, issueKey, type Part } from './documents.ts';
import type { EscalationFacts, FileFacts, MessageFacts, Revision, TicketFacts } from './facts.ts';
import { partName, planParts } from './plan-parts.ts';

export type EscalationAction = PlannedAction &
  (
    | { type: 'fail'; code: 'SBX_TICKET_NOT_FOUND' | 'SBX_TICKET_UNFIT' | 'SBX_PROJECT_NOT_FOUND'; detail: string }
    | { type: 'create' }
    | { type: 'note' }
    | { type: 'take-up' }
    | { type: 'begin'; parts: Part[]; totals: { messages: number; files: number } }
    | { type: 'mark' }
    | { type: 'file'; file: string; name: string }
    | { type: 'comment'; part: Part }
    | { type: 'revise'; part: Part; note: number; edited: number[]; gone: number[] }
    | { type: 'describe'; counts: string }
    | { type: 'finish' }
  );

type EscalationDecision = Decision<EscalationAction, null>;

/** What is missing, in the order in which it has to come; a look stops where something else has to be read first. */
export function decide(facts: EscalationFacts, _memory: unknown, now: number): EscalationDecision {
  const { escalation, ticket, project } = facts;
  if (escalation === null) return rest('is not escalated', 'Nobody has pressed the button for this ticket.');
  if (ticket === undefined) {
    return rest(
      `${describe(escalation.issue)} is complete`,
      'All was copied, and later messages are added only where that was asked for.',
    );
  }
  if (escalation.issue === null) return decideIssue(facts, ticket, project ?? { visible: false, public: false }, now);
  if (ticket === null) {
    // Nobody waits any more for what is complete; whoever waits for a copy has to know that it will not come.
    if (!escalation.finished) return refuse('SBX_TICKET_NOT_FOUND', NO_TICKET);
    return rest(
      `${describe(escalation.issue)} stays as it is`,
      'The ticket is not there any more, or the key of Freshdesk may not see it.',
    );
  }
  return decideCopy(facts, escalation);
}

const NO_TICKET = 'Freshdesk knows no such ticket, or the key may not see it.';

function refuse(code: Extract<EscalationAction, { type: 'fail' }>['code'], detail: string): EscalationDecision {
  return {
    verdict: 'cannot be escalated',
    because: [detail],
    actions: [{ type: 'fail', code, detail, summary: `tell that it cannot be escalated: ${detail}` }],
  };
}

/** Before the issue: whether there is to be one. */
function decideIssue(
  facts: EscalationFacts,
  ticket: TicketFacts | null,
  project: { visible: boolean },
  now: number,
): EscalationDecision {
  if (ticket === null) return refuse('SBX_TICKET_NOT_FOUND', NO_TICKET);
  if (ticket.unfit === 'spam') return refuse('SBX_TICKET_UNFIT', 'The ticket is marked as spam.');
  if (ticket.unfit === 'deleted') return refuse('SBX_TICKET_UNFIT', 'The ticket is deleted.');
  if (!project.visible) {
    return refuse(
      'SBX_PROJECT_NOT_FOUND',
      `GitLab knows no project ${facts.settings.project}, or the token may not see it.`,
    );
  }
  return {
    verdict: 'gets its issue',
    because: ['It was asked for, and there is no issue yet.', 'The link comes first; messages and files follow.'],
    actions: [
      { type: 'create', summary: `create an issue in ${facts.settings.project}` },
      { type: 'note', summary: `put the link on ticket ${ticket.id}` },
    ],
    lookAgainAt: now,
  };
}

function decideCopy(
  facts: EscalationFacts,
  escalation: NonNullable<EscalationFacts['escalation']>,
): EscalationDecision {
  const { messages = [], files = [], found = [], foundNote = null } = facts;
  const actions: EscalationAction[] = [];
  const because: string[] = [];
  if (found.length > 0 || foundNote !== null || escalation.rebuilt) {
    const what = [
      ...(foundNote === null ? [] : ['the note on the ticket']),
      ...(found.length === 0 ? [] : [`${found.length} comments`]),
    ];
    actions.push({ type: 'take-up', summary: `take up ${what.join(' and ') || 'what is there'}` });
    because.push('Something was written before and is not recorded: it is taken up, not written again.');
  }
  if (escalation.note === null && foundNote === null) {
    actions.push({ type: 'note', summary: 'put the link on the ticket' });
  }

  const takenUp = new Set(found.flatMap(each => each.messages));
  const isCopied = (message: MessageFacts) => message.copied || takenUp.has(message.id);
  const wanted = messages.filter(message => message.leftOut === null);
  const settled = escalation.finished && !escalation.follow;
  const parts = escalation.parts ?? [];
  const planned = new Set(parts.flatMap(part => part.messages));
  const news = settled ? [] : wanted.filter(message => !planned.has(message.id) && !isCopied(message));
  // Of what was complete once, files are only missing where their message is new.
  const isNews = (file: FileFacts) =>
    !escalation.finished ||
    [...news, ...wanted.filter(each => each.edited)].some(message => message.id === file.message);
  const missing = settled ? [] : files.filter(file => isMissing(file) && isNews(file));
  const totals = { messages: wanted.length, files: files.length };
  const more = planParts(news, { singles: facts.settings.comments, confidential: facts.settings.confidential });
  if (escalation.parts === null || more.length > 0) {
    actions.push({
      type: 'begin',
      parts: [...parts, ...more],
      totals,
      summary: `plan ${count(more.length, 'comment')} for ${count(news.length, 'message')}`,
    });
  }
  // Beside the files, because it takes a round trip as well and nothing waits for it.
  if (facts.settings.marks && escalation.marked === null) {
    actions.push({ type: 'mark', together: FILES, summary: 'mark the ticket as escalated' });
  }
  for (const file of missing) {
    actions.push({ type: 'file', together: FILES, file: file.key, name: file.name, summary: `copy ${file.name}` });
  }
  const byId = new Map(wanted.map(message => [message.id, message]));
  for (const part of [...parts, ...more]) {
    const open = part.messages.some(id => {
      const message = byId.get(id);
      return message !== undefined && !isCopied(message);
    });
    if (open) actions.push({ type: 'comment', part, summary: `comment with ${describePart(part)}` });
  }
  actions.push(...revisionsOf(facts, parts));
  const counts = `${totals.messages}/${totals.files}`;
  if (escalation.described !== counts && !escalation.linked && !settled) {
    actions.push({ type: 'describe', counts, summary: 'complete the description' });
  }
  if (!escalation.finished || actions.length > 0) actions.push({ type: 'finish', summary: 'say that it is complete' });
  return {
    verdict: verdictOf(escalation.issue, actions),
    because: [
      ...because,
      `The ticket has ${count(totals.messages, 'message')} and ${count(totals.files, 'file')} to copy.`,
      ...leftOut(messages),
    ],
    actions,
    // What became of the issue meanwhile, and who else is affected.
    ...(escalation.issue &&
      actions.length > 0 && { alsoLookAt: [{ key: issueKey(escalation.issue), reason: 'a ticket was copied' }] }),
  };
}

/** Comments that hold a message which was edited or deleted since. */
function revisionsOf({ gone = [], edited = [] }: EscalationFacts, parts: readonly Part[]): EscalationAction[] {
  const notes = new Set([...gone, ...edited].map(each => each.note));
  return [...notes].flatMap((note): EscalationAction[] => {
    const idsOf = (list: readonly Revision[]) => list.filter(each => each.note === note).map(each => each.message);
    const revised = [...idsOf(gone), ...idsOf(edited)];
    const part = parts.find(each => each.messages.some(id => revised.includes(id)));
    if (!part) return [];
    const summary = `revise the comment with ${describePart(part)}`;
    return [{ type: 'revise', part, note, edited: idsOf(edited), gone: idsOf(gone), summary }];
  });
}

/** What may be done at the same time. */
const FILES = 'files';

function isMissing({ result }: FileFacts): boolean {
  return result === null || result.state === 'failing';
}

function verdictOf(issue: EscalatedIssue | null, actions: readonly EscalationAction[]): string {
  if (actions.length === 0) return `${describe(issue)} is complete`;
  return `${describe(issue)} is being completed`;
}

function leftOut(messages: readonly MessageFacts[]): string[] {
  const omitted = messages.filter(message => message.leftOut === 'private').length;
  return omitted === 0 ? [] : [`${count(omitted, 'private note')} left out, as configured.`];
}

function describe(issue: EscalatedIssue | null): string {
  return issue === null ? 'its issue' : `${issue.project}#${issue.iid}`;
}

function describePart(part: Part): string {
  return `${count(part.messages.length, 'message')} (${partName(part)})`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function rest(verdict: string, reason: string): EscalationDecision {
  return { verdict, because: [reason], actions: [] };
}
