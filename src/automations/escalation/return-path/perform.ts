import type { Effect, Look } from '../../../engine/automation.ts';
import { crashPoint } from '../../../engine/crash-point.ts';
import type { Json } from '../../../engine/json.ts';
import { SignalboxError } from '../../../errors.ts';
import { readMarker } from '../../../gitlab/text/marker.ts';
import { issueKey } from '../documents.ts';
import { editNote } from '../edit-note.ts';
import { type ReturnAction, WITHDRAWN } from './decide.ts';
import type { ReturnFacts } from './facts.ts';
import {
  CUSTOMERS_MARKER,
  customersDigest,
  renderCustomers,
  renderSupport,
  renderWithdrawn,
  supportReference,
} from './render-return.ts';
import type { ReturnContext } from './return-context.ts';

/** Closed, as Freshdesk numbers it: support has finished with the ticket, and nobody but support opens it again. */
const CLOSED = 5;

interface Doing {
  facts: ReturnFacts;
  look: Look;
  context: ReturnContext;
}

export function toEffect(action: ReturnAction, facts: ReturnFacts, look: Look, context: ReturnContext): Effect {
  const { summary } = action;
  const doing = { facts, look, context };
  switch (action.type) {
    case 'support':
      return { summary, ...support(action, doing) };
    case 'withdraw':
      return repeatable(`withdraw:${action.ticket}:${action.note}`, summary, () => withdraw(action, doing));
    case 'status':
      return repeatable(`status:${action.ticket}`, summary, () => setStatus(action, doing));
    case 'seen': {
      const { domain, ticket } = action;
      return repeatable(`seen:${ticket}`, summary, () => remember(domain, ticket, action, context));
    }
    case 'field':
      return repeatable(`field:${action.ticket}`, summary, () => setField(action, doing));
    case 'note': {
      const { domain, ticket, issue, lines } = action;
      return repeatable(`note:${ticket}`, summary, async () => {
        await context.store.change(domain, ticket, () => ({ issue, noteLines: lines }));
        await editNote(domain, ticket, context, look.signal);
      });
    }
    case 'customers':
      return { summary, ...listCustomers(action, doing) };
    case 'move':
      return repeatable('move', summary, () => move(action, doing));
  }
}

function support(
  action: Extract<ReturnAction, { type: 'support' }>,
  { facts, look, context }: Doing,
): Omit<Effect, 'summary'> {
  const { freshdesk, store } = context;
  const { domain, ticket, note, digest } = action;
  const reference = supportReference(facts, note);
  const record = async (conversation: number): Promise<Json> => {
    await store.changeReturned(domain, ticket, ({ supports }) => ({
      supports: { ...supports, [note]: { conversation, digest } },
    }));
    return { conversation };
  };
  return {
    name: `support:${ticket}:${note}`,
    find: async () => {
      if (action.conversation !== null) return undefined;
      const [me, conversations] = await Promise.all([
        freshdesk.people.me(),
        freshdesk.tickets.conversations(ticket, false),
      ]);
      const ours = conversations.find(
        each => each.user_id === me.id && each.private && `${each.body_text ?? ''} `.includes(`${reference} `),
      );
      return ours && record(ours.id);
    },
    do: async () => {
      const comment = facts.issue?.support.find(each => each.id === note);
      if (!comment || !facts.issue) return null;
      const html = renderSupport(comment, reference, `${facts.issue.url}#note_${note}`);
      const conversation = await softly(action.summary, context, async () => {
        if (action.conversation !== null)
          return (await freshdesk.tickets.editNote(action.conversation, html, look.signal)).id;
        return (await freshdesk.tickets.createNote(ticket, html, look.signal)).id;
      });
      crashPoint('escalation:supported');
      // A ticket that takes no notes is not asked again for the same comment.
      return record(conversation ?? action.conversation ?? 0);
    },
  };
}

async function withdraw(
  { domain, ticket, note, conversation, summary }: Extract<ReturnAction, { type: 'withdraw' }>,
  { facts, look, context }: Doing,
): Promise<void> {
  const html = renderWithdrawn(supportReference(facts, note));
  if (conversation > 0)
    await softly(summary, context, () => context.freshdesk.tickets.editNote(conversation, html, look.signal));
  await context.store.changeReturned(domain, ticket, ({ supports }) => ({
    supports: { ...supports, [note]: { conversation, digest: WITHDRAWN } },
  }));
}

async function setStatus(action: Extract<ReturnAction, { type: 'status' }>, { look, context }: Doing): Promise<void> {
  const { domain, ticket, status, summary } = action;
  const { freshdesk } = context;
  const current = await freshdesk.tickets.find(ticket);
  const isOver = current === null || current.archived === true || current.status === CLOSED;
  if (!isOver && current.status !== status) {
    await softly(summary, context, () => freshdesk.tickets.update(ticket, { status }, look.signal));
  }
  await remember(domain, ticket, action, context);
}

async function remember(
  domain: string,
  ticket: number,
  { closedAt, released }: { closedAt: string | null; released: readonly string[] },
  { store }: ReturnContext,
): Promise<void> {
  await store.changeReturned(domain, ticket, current => ({
    closedAt,
    released: [...new Set([...current.released, ...released])],
  }));
}

async function setField(
  { domain, ticket, field, value, summary }: Extract<ReturnAction, { type: 'field' }>,
  { look, context }: Doing,
): Promise<void> {
  await softly(summary, context, () =>
    context.freshdesk.tickets.update(ticket, { custom_fields: { [field]: value } }, look.signal),
  );
  await context.store.changeReturned(domain, ticket, () => ({ field: value }));
}

function listCustomers(
  { note, internal }: Extract<ReturnAction, { type: 'customers' }>,
  { facts, look, context }: Doing,
): Omit<Effect, 'summary'> {
  const { gitlab, store } = context;
  const { project, iid, tickets, customers = {} } = facts;
  const key = issueKey(facts);
  const record = async (id: number, digest: string): Promise<Json> => {
    await store.saveCustomers(facts, { note: id, digest, customers });
    return { note: id };
  };
  return {
    name: 'customers',
    find: async () => {
      if (note !== null) return undefined;
      const [me, notes] = await Promise.all([gitlab.me(), gitlab.issues.notes(project, iid)]);
      const ours = notes.find(each => each.author.id === me.id && readMarker(each.body, CUSTOMERS_MARKER)?.key === key);
      return ours && record(ours.id, '');
    },
    do: async () => {
      const body = renderCustomers(key, tickets, customers);
      const write = { chain: look.chain, signal: look.signal };
      const made =
        note === null
          ? await gitlab.issueTexts.createNote(project, iid, { body, internal }, write)
          : await gitlab.issueTexts.editNote(project, iid, note, body, write);
      crashPoint('escalation:customers');
      return record(made.id, customersDigest(tickets, customers));
    },
  };
}

/** The tickets belong to another issue now; the old one keeps none, so that nothing comes back from it. */
async function move({ to }: Extract<ReturnAction, { type: 'move' }>, { facts, context }: Doing): Promise<void> {
  const { store } = context;
  for (const { domain, ticket } of facts.tickets) {
    await store.addTicket(to, domain, ticket);
    await store.change(domain, ticket, () => ({ issue: to }));
  }
}

/** Freshdesk checks a whole form with each change, and takes nothing on some tickets: that is logged, and not tried again. */
async function softly<T>(what: string, { log }: ReturnContext, call: () => Promise<T>): Promise<T | null> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof SignalboxError) || error.code !== 'SBX_REMOTE_REFUSED') throw error;
    log.warn('Freshdesk refused a change of the return path', { what, detail: error.detail });
    return null;
  }
}

function repeatable(name: string, summary: string, call: () => Promise<unknown>): Effect {
  return {
    name,
    summary,
    do: async (): Promise<Json> => {
      await call();
      return null;
    },
  };
}
