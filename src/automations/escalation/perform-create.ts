import type { Effect } from '../../engine/automation.ts';
import { crashPoint } from '../../engine/crash-point.ts';
import type { Json } from '../../engine/json.ts';
import { SignalboxError } from '../../errors.ts';
import type { WrittenIssue } from '../../gitlab/client/issue-texts.ts';
import { digestOf } from './digest.ts';
import type { EscalatedIssue } from './documents.ts';
import { type FoundOnTicket, findOnTicket } from './find-on-ticket.ts';
import { findIssue } from './find-ours.ts';
import type { Performance } from './performance.ts';
import { renderIssue, renderTitle } from './render-issue.ts';
import { messageShower } from './show-message.ts';

/** Clocks of two machines may be so far apart, and a day of our own issues is read quickly. */
const MARGIN = 24 * 60 * 60_000;

/** Makes the issue. It is recorded with nothing in between; a lost answer is settled by our own issues of the time since. */
export function create(performance: Performance): Omit<Effect, 'summary'> {
  const { context, domain, ticket, key, look } = performance;
  const { gitlab, store, settings, materials, mail } = context;
  const { project } = settings;

  async function search(since: number | null): Promise<WrittenIssue | undefined> {
    const me = await gitlab.me();
    const query = {
      author_id: me.id,
      state: 'all',
      ...(since !== null && { created_after: new Date(since - MARGIN).toISOString() }),
    };
    return findIssue(await gitlab.issueTexts.list(project, query), key, me.id);
  }

  async function record(issue: WrittenIssue): Promise<Json> {
    const { iid, web_url: url, state, labels, description } = issue;
    const escalated: EscalatedIssue = { project, iid, url, state, labels };
    const descriptionDigest = digestOf(description ?? '');
    await store.change(domain, ticket, current =>
      current.issue ? null : { issue: escalated, descriptionDigest, state: 'running', error: null, trouble: null },
    );
    await store.addTicket(escalated, domain, ticket);
    return { iid, url };
  }

  /** What was written before has to be looked for. */
  async function remember(found: FoundOnTicket | WrittenIssue): Promise<Json> {
    await store.change(domain, ticket, current => (current.issue ? null : { rebuilt: true }));
    if (!('issue' in found)) return record(found);
    const { iid, url } = found.issue;
    const running = { state: 'running', error: null, trouble: null } as const;
    await store.change(domain, ticket, current => (current.issue ? null : { ...found, ...running }));
    await store.addTicket(found.issue, domain, ticket);
    return { iid, url };
  }

  return {
    name: 'create',
    find: async () => {
      const document = await store.read(domain, ticket);
      const issue = await search(document?.requestedAt ?? null);
      return issue && record(issue);
    },
    do: async () => {
      const document = await store.read(domain, ticket);
      const material = await materials.readTicket(ticket);
      if (document === null || material === null || !performance.facts.ticket) {
        throw new SignalboxError('SBX_TICKET_NOT_FOUND', `ticket ${ticket}`);
      }
      // A database that is new may have forgotten an issue.
      const known =
        (await findOnTicket(material.ticket, context)) ??
        ((await store.index(project)) === null ? await search(null) : undefined);
      if (known) return remember(known);
      const shower = messageShower(context, material, new Map());
      const description = renderIssue({
        key,
        ticket: performance.facts.ticket,
        requestedBy: document.requestedBy,
        body: { ...(await shower.textOf(0)), files: [] },
        complete: null,
      });
      const title = renderTitle(performance.facts.ticket, (await mail.redact(material.ticket.subject ?? '')).text);
      const { labels, confidential } = settings;
      const write = { chain: look.chain, signal: look.signal };
      const issue = await gitlab.issueTexts.create(project, { title, description, labels, confidential }, write);
      crashPoint('escalation:created');
      return record(issue);
    },
  };
}
