import type { Documents, Submission } from '../../engine/documents/documents.ts';
import type { Redaction } from '../../freshdesk/mail/mail-converter.ts';
import {
  type CustomersDocument,
  type EscalatedIssue,
  type EscalationDocument,
  type FileDocument,
  type IndexDocument,
  type IssueTicketsDocument,
  issueId,
  KIND,
  type MessageDocument,
  NOTHING_RETURNED,
  type ReturnDocument,
  ticketId,
} from './documents.ts';

/** More than any ticket has. */
const MOST = 20_000;

/** What is remembered of a comment besides its number. */
export interface SavedComment {
  removed?: readonly Redaction[];
  digests?: ReadonlyMap<number, string>;
  gone?: ReadonlySet<number>;
}

export type Store = ReturnType<typeof escalationStore>;

/** Reads and changes what the escalation remembers; the return path uses it, too. */
export function escalationStore(documents: Documents) {
  return {
    documents,

    read: async (domain: string, ticket: number): Promise<EscalationDocument | null> =>
      (await documents.read<EscalationDocument>(KIND.escalation, ticketId(domain, ticket)))?.body ?? null,

    /** Changes it if it is there; `next` must be pure, because it may be asked several times. */
    change: (
      domain: string,
      ticket: number,
      next: (current: EscalationDocument) => Partial<EscalationDocument> | null,
      more: Omit<Submission, 'changes'> = {},
    ): Promise<EscalationDocument | null> =>
      documents.change<EscalationDocument>(KIND.escalation, ticketId(domain, ticket), current => {
        const changes = current && next(current);
        return changes ? { ...more, body: { ...current, ...changes } } : null;
      }),

    messages: (domain: string, ticket: number) => byId<MessageDocument>(documents, KIND.message, domain, ticket),
    files: (domain: string, ticket: number) => byId<FileDocument>(documents, KIND.file, domain, ticket),

    saveMessages: async (
      domain: string,
      ticket: number,
      messages: readonly number[],
      note: number,
      { removed = [], digests = new Map(), gone = new Set() }: SavedComment = {},
    ): Promise<void> => {
      await documents.submit({
        changes: messages.map((id, index) => {
          const digest = digests.get(id);
          const body: MessageDocument = {
            note,
            ...(index === 0 && removed.length > 0 && { removed: removed.map(each => ({ ...each })) }),
            ...(digest !== undefined && { digest }),
            ...(gone.has(id) && { gone: true }),
          };
          return { kind: KIND.message, id: `${ticketId(domain, ticket)}/${id}`, body };
        }),
      });
    },

    saveFile: async (domain: string, ticket: number, key: string, file: FileDocument): Promise<void> => {
      await documents.submit({ changes: [{ kind: KIND.file, id: `${ticketId(domain, ticket)}/${key}`, body: file }] });
    },

    /** The tickets that belong to an issue, `<domain>/<ticket>` each. */
    ticketsOf: async (issue: Pick<EscalatedIssue, 'project' | 'iid'>): Promise<string[]> =>
      (await documents.read<IssueTicketsDocument>(KIND.issue, issueId(issue)))?.body.tickets ?? [],

    addTicket: async (issue: EscalatedIssue, domain: string, ticket: number): Promise<void> => {
      const id = ticketId(domain, ticket);
      await documents.change<IssueTicketsDocument>(KIND.issue, issueId(issue), current => {
        const tickets = current?.tickets ?? [];
        return tickets.includes(id) ? null : { body: { tickets: [...tickets, id] } };
      });
    },

    returned: async (domain: string, ticket: number): Promise<ReturnDocument | null> =>
      (await documents.read<ReturnDocument>(KIND.returned, ticketId(domain, ticket)))?.body ?? null,

    changeReturned: async (
      domain: string,
      ticket: number,
      next: (current: ReturnDocument) => Partial<ReturnDocument>,
    ): Promise<void> => {
      await documents.change<ReturnDocument>(KIND.returned, ticketId(domain, ticket), current => {
        const before = current ?? NOTHING_RETURNED;
        return { body: { ...before, ...next(before) } };
      });
    },

    customers: async (issue: Pick<EscalatedIssue, 'project' | 'iid'>): Promise<CustomersDocument | null> =>
      (await documents.read<CustomersDocument>(KIND.customers, issueId(issue)))?.body ?? null,

    saveCustomers: async (issue: Pick<EscalatedIssue, 'project' | 'iid'>, body: CustomersDocument): Promise<void> => {
      await documents.submit({ changes: [{ kind: KIND.customers, id: issueId(issue), body }] });
    },

    index: async (project: string): Promise<IndexDocument | null> =>
      (await documents.read<IndexDocument>(KIND.index, project))?.body ?? null,
  };
}

async function byId<Body>(
  documents: Documents,
  kind: string,
  domain: string,
  ticket: number,
): Promise<Map<string, Body>> {
  const prefix = `${ticketId(domain, ticket)}/`;
  const rows = await documents.list<Body>(kind, { prefix, limit: MOST });
  return new Map(rows.map(row => [row.id.slice(prefix.length), row.body]));
}
