import { SignalboxError } from '../../errors.ts';
import type { EscalationContext } from './context.ts';
import { type EscalationDocument, NEW_ESCALATION, ticketKey } from './documents.ts';
import { foreseeFiles } from './foresee-files.ts';
import { gatherCopy } from './gather.ts';
import { planParts } from './plan-parts.ts';
import { describeRedactions, sumRedactions } from './redact/describe-redactions.ts';
import { renderComment } from './render-comment.ts';
import { renderIssue, renderTitle } from './render-issue.ts';
import { messageShower } from './show-message.ts';

/** What an escalation would make, in the words in which it would be made. */
export interface EscalationPreview {
  ticket_id: number;
  title: string;
  description: string;
  comments: { body: string; internal: boolean }[];
  files: { name: string; size: number | null; copied: boolean; reason: string | null }[];
  warnings: string[];
  similar: { url: string; title: string; state: string }[];
}

const SIMILAR = 5;
const SHORTEST_WORD = 4;

/** Reads and renders as the escalation does; writes nothing. @throws SignalboxError SBX_TICKET_NOT_FOUND */
export async function previewEscalation(
  ticket: number,
  by: string,
  context: EscalationContext,
): Promise<EscalationPreview> {
  const { materials, freshdesk, settings, mail } = context;
  const { domain } = freshdesk;
  materials.forget(ticket);
  const material = await materials.read(ticket);
  if (material === null) throw new SignalboxError('SBX_TICKET_NOT_FOUND', `ticket ${ticket}`);
  const document: EscalationDocument = {
    ...NEW_ESCALATION,
    domain,
    ticket,
    project: settings.project,
    requestedBy: by,
    requestedAt: context.now(),
    follow: settings.follow,
  };
  const { ticket: facts, messages = [], files = [] } = await gatherCopy(document, material, [], context);
  if (!facts) throw new SignalboxError('SBX_TICKET_NOT_FOUND', `ticket ${ticket}`);
  const wanted = messages.filter(message => message.leftOut === null);
  const foreseen = await foreseeFiles(material.files, context.files);
  const shower = messageShower(context, { ...material, files: foreseen.files }, foreseen.results);
  const key = ticketKey(domain, ticket);
  const shown = new Map(await Promise.all(wanted.map(async each => [each.id, await shower.show(each)] as const)));
  const parts = planParts(wanted, { singles: settings.comments, confidential: settings.confidential });
  const comments = parts.map(part => ({
    body: renderComment(
      part,
      part.messages.flatMap(id => shown.get(id) ?? []),
      { key, page: facts.page },
    ),
    internal: part.internal,
  }));
  const subject = await mail.redact(material.ticket.subject ?? '');
  const title = renderTitle(facts, subject.text);
  const body = await shower.textOf(0);
  const [project, similar] = await Promise.all([context.project(), similarIssues(title, context)]);
  const removed = sumRedactions([subject.redactions, body.removed, ...[...shown.values()].map(each => each.removed)]);
  return {
    ticket_id: ticket,
    title,
    description: renderIssue({ key, ticket: facts, requestedBy: by, body, complete: null }),
    comments,
    files: foreseen.files
      .filter(({ key: each }) => files.some(file => file.key === each))
      .map(({ key: each, name, size }) => {
        const result = foreseen.results.get(each);
        return {
          name,
          size,
          copied: result === undefined,
          reason: result?.state === 'not copied' ? result.reason : null,
        };
      }),
    warnings: [
      ...(facts.unfit === null ? [] : [`The ticket is ${facts.unfit === 'spam' ? 'marked as spam' : 'deleted'}.`]),
      ...(project === null ? [`GitLab knows no project ${settings.project}, or the token may not see it.`] : []),
      ...(project?.visibility === 'public' ? ['The project is public, and so are the files of its issues.'] : []),
      ...(removed.length === 0 ? [] : [`Removed before copying: ${describeRedactions(removed)}.`]),
    ],
    similar,
  };
}

/** Open issues with words of the title: perhaps one of them is the one. */
async function similarIssues(
  title: string,
  { gitlab, settings }: EscalationContext,
): Promise<EscalationPreview['similar']> {
  const words = title.split(/[^\p{L}\p{N}]+/u).filter(word => word.length >= SHORTEST_WORD);
  if (words.length === 0) return [];
  const search = words.slice(0, 3).join(' ');
  const issues = await gitlab.issueTexts.search(settings.project, search, SIMILAR).catch(() => []);
  return issues.map(({ web_url: url, title: text, state }) => ({ url, title: text, state }));
}
