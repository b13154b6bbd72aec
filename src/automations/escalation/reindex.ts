import type { Automation } from '../../engine/automation.ts';
import type { Json } from '../../engine/json.ts';
import { isAsked } from '../../engine/work/asked.ts';
import type { WrittenIssue } from '../../gitlab/client/issue-texts.ts';
import { readMarker } from '../../gitlab/text/marker.ts';
import type { EscalationContext } from './context.ts';
import { digestOf } from './digest.ts';
import { type EscalationDocument, KIND, NEW_ESCALATION, parseTicketId, ticketId, ticketKey } from './documents.ts';
import { MARKER } from './find-ours.ts';

/** An issue of ours that says which ticket it is about. */
interface Found {
  domain: string;
  ticket: number;
  iid: number;
  url: string;
  state: 'opened' | 'closed';
  labels: string[];
  complete: boolean;
  createdAt: string;
  descriptionDigest: string;
}

interface IndexFacts {
  project: string;
  /** Null where the issues had been read before and nobody asks to read them again. */
  found: Found[] | null;
}

type IndexAction = { type: 'index'; summary: string };

/**
 * The reconciler of `escalation-index:<project>`: reads from the markers in our own issues which tickets are escalated. Once in the life
 * of a database, and whenever somebody asks (`escalate --reindex`): a lost database then loses nothing.
 */
export function escalationIndex(context: EscalationContext): Automation<IndexFacts, IndexAction, null> {
  const { gitlab, store, settings, freshdesk } = context;
  return {
    name: 'escalation',
    kind: 'escalation-index',
    standing: true,
    gather: async look => {
      const project = look.subject;
      const asked = isAsked(look.reasons);
      if (project !== settings.project || (!asked && (await store.index(project)) !== null))
        return { project, found: null };
      const me = await gitlab.me();
      const issues = await gitlab.issueTexts.list(project, {
        author_id: me.id,
        state: 'all',
        order_by: 'created_at',
        sort: 'asc',
      });
      const found = issues.flatMap(issue => (issue.author?.id === me.id ? read(issue, freshdesk.domain) : []));
      // The first issue of a ticket is the one; there should be no second.
      const first = new Map(found.toReversed().map(each => [ticketId(each.domain, each.ticket), each]));
      return { project, found: [...first.values()] };
    },
    decide: ({ project, found }) =>
      found === null
        ? { verdict: 'is known', because: [`The issues of ${project} have been read before.`], actions: [] }
        : {
            verdict: `${found.length} escalated ${found.length === 1 ? 'ticket' : 'tickets'}`,
            because: ['Our issues carry the ticket in a marker.'],
            actions: [{ type: 'index', summary: `take up ${found.length} issues of ${project}` }],
          },
    effect: (action, { project, found }) => ({
      name: 'index',
      summary: action.summary,
      do: async (): Promise<Json> => {
        for (const each of found ?? []) await takeUp(each, project, context);
        await store.documents.submit({
          changes: [{ kind: KIND.index, id: project, body: { at: context.now(), found: found?.length ?? 0 } }],
        });
        return { found: found?.length ?? 0 };
      },
    }),
  };
}

function read(issue: WrittenIssue, domain: string): Found[] {
  const marker = readMarker(issue.description ?? '', MARKER.issue);
  const id = marker && parseTicketId(marker.key.replace(/^ticket:/, ''));
  if (!marker || !id || id.domain !== domain) return [];
  const { iid, web_url: url, state, labels, created_at: createdAt } = issue;
  const complete = marker.fields['state'] === 'complete';
  return [
    { ...id, iid, url, state, labels, complete, createdAt, descriptionDigest: digestOf(issue.description ?? '') },
  ];
}

/** Makes the documents of a ticket anew where there are none; its own look then finds comments and note. */
async function takeUp(found: Found, project: string, { store }: EscalationContext): Promise<void> {
  const { domain, ticket, iid, url, state, labels, complete } = found;
  const issue = { project, iid, url, state, labels };
  const createdAt = Date.parse(found.createdAt);
  await store.documents.change<EscalationDocument>(KIND.escalation, ticketId(domain, ticket), current => {
    if (current?.issue) return null;
    const body: EscalationDocument = {
      ...NEW_ESCALATION,
      domain,
      ticket,
      project,
      requestedBy: 'the markers in GitLab',
      requestedAt: createdAt,
      follow: false,
      ...current,
      issue,
      descriptionDigest: found.descriptionDigest,
      rebuilt: true,
      ...(complete && { state: 'done', finishedAt: createdAt }),
    };
    const signal = { key: ticketKey(domain, ticket), reason: 'found by its marker' };
    return { body, signals: [signal] };
  });
  await store.addTicket(issue, domain, ticket);
}
