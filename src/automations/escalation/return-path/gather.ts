import type { Look } from '../../../engine/automation.ts';
import type { IssueState } from '../../../gitlab/client/issue-states.ts';
import type { MergeRequest, Note } from '../../../gitlab/client/schemas.ts';
import { findReferences } from '../../../gitlab/references/find-references.ts';
import { readMarker } from '../../../gitlab/text/marker.ts';
import { type EscalatedIssue, issueKey, parseTicketId, ticketId } from '../documents.ts';
import { isNoteShown } from '../edit-note.ts';
import type { Fix, IssueFacts, ReturnFacts, ReturnTicket, Shipped } from './facts.ts';
import { type PublishedRelease, publishedName } from './published-releases.ts';
import { CUSTOMERS_MARKER, digest, supportText } from './render-return.ts';
import type { ReturnContext } from './return-context.ts';

/** So many releases back a fix is looked for. */
const RELEASES = 500;

/** Reads how an issue stands, and what its tickets know of it already. One document where no ticket belongs to it. */
export async function gather(look: Look, context: ReturnContext): Promise<ReturnFacts> {
  const { gitlab, store, settings } = context;
  const { project, iid } = parseIssueSubject(look.subject);
  const { return: how } = settings;
  const none: ReturnFacts = {
    project,
    iid,
    tickets: [],
    customersNote: null,
    settings: {
      statusField: how.status_field ?? null,
      statuses: how.statuses,
      closedStatus: how.closed_status,
      releasedIn: how.released_in,
    },
  };
  const tickets = await ticketsOf({ project, iid }, context);
  if (tickets.length === 0) return none;
  const state = await gitlab.issueStates.find(project, iid);
  if (state === null) return { ...none, tickets, issue: null };
  const [me, notes, mergeRequests, recorded] = await Promise.all([
    gitlab.me(),
    gitlab.issues.notes(project, iid),
    gitlab.issueTexts.closedBy(project, iid),
    store.customers({ project, iid }),
  ]);
  const fixes = fixesOf(mergeRequests, context);
  const issue: IssueFacts = {
    state: state.state,
    url: state.web_url,
    title: state.title,
    labels: state.labels,
    confidential: state.confidential === true,
    closedAt: state.closed_at ?? null,
    milestone: state.milestone ? { title: state.milestone.title, due: state.milestone.due_date ?? null } : null,
    movedTo: await findMoved(state, { project, notes }, context),
    duplicateOf: state._links?.closed_as_duplicate_of ? duplicateOf(notes, project, context) : null,
    fixes: fixes.map(({ fix }) => fix),
    shipped: await shippedOf(fixes, context),
    support: how.support_notes ? supportOf(notes, me.id) : [],
  };
  const found = recorded === null ? findCustomersNote(notes, me.id, { project, iid }) : null;
  return {
    ...none,
    tickets,
    issue,
    customersNote: recorded ?? found,
    ...(tickets.length > 1 && { customers: await customersOf(tickets, recorded?.customers ?? {}, context) }),
  };
}

export function parseIssueSubject(subject: string): { project: string; iid: number } {
  const at = subject.lastIndexOf('#');
  return { project: subject.slice(0, at), iid: Number(subject.slice(at + 1)) };
}

async function ticketsOf(
  issue: { project: string; iid: number },
  { store, freshdesk }: ReturnContext,
): Promise<ReturnTicket[]> {
  const ids = (await store.ticketsOf(issue)).flatMap(id => parseTicketId(id) ?? []);
  const tickets = await Promise.all(
    ids
      .filter(({ domain }) => domain === freshdesk.domain)
      .map(async ({ domain, ticket }): Promise<ReturnTicket[]> => {
        const [document, returned] = await Promise.all([store.read(domain, ticket), store.returned(domain, ticket)]);
        const belongs = document?.issue?.iid === issue.iid && document.issue.project === issue.project;
        // While it is being copied nothing comes back: our own comments would only be looked at one by one.
        if (!belongs || !document?.issue || document.finishedAt === null) return [];
        const page = freshdesk.ticketPage(ticket);
        return [
          {
            domain,
            ticket,
            page,
            issue: document.issue,
            lines: document.noteLines ?? [],
            shown: isNoteShown(document),
            returned,
          },
        ];
      }),
  );
  return tickets.flat();
}

function supportOf(notes: readonly Note[], me: number): IssueFacts['support'] {
  return notes.flatMap(note => {
    // What we wrote ourselves is a customer's: it never goes back.
    const text = note.system || note.author.id === me ? null : supportText(note.body);
    return text === null ? [] : [{ id: note.id, author: note.author.name, text, digest: digest(text) }];
  });
}

function findCustomersNote(
  notes: readonly Note[],
  me: number,
  issue: { project: string; iid: number },
): { note: number; digest: string } | null {
  const ours = notes.find(
    note => note.author.id === me && readMarker(note.body, CUSTOMERS_MARKER)?.key === issueKey(issue),
  );
  return ours ? { note: ours.id, digest: '' } : null;
}

/** By company where the ticket has one. */
async function customersOf(
  tickets: readonly ReturnTicket[],
  known: Record<string, string>,
  { freshdesk }: ReturnContext,
): Promise<Record<string, string>> {
  const customers = await Promise.all(
    tickets.map(async ({ domain, ticket }): Promise<[string, string]> => {
      const id = ticketId(domain, ticket);
      if (known[id] !== undefined) return [id, known[id]];
      const found = await freshdesk.tickets.find(ticket);
      const parts = [found?.company?.name, found?.requester?.name].filter(Boolean);
      return [id, parts.join(', ')];
    }),
  );
  return Object.fromEntries(customers);
}

interface KnownFix {
  fix: Fix;
  project: string;
  /** What is in the target branch since it was merged. */
  commit: string | null;
}

function fixesOf(mergeRequests: readonly MergeRequest[], { gitlab }: ReturnContext): KnownFix[] {
  return mergeRequests
    .toSorted((a, b) => a.id - b.id)
    .map(mergeRequest => {
      const { iid, web_url: url, state, target_branch: target, merged_at, target_project_id } = mergeRequest;
      const path = url.startsWith(`${gitlab.url}/`) ? url.slice(gitlab.url.length + 1).split('/-/')[0] : undefined;
      const commit = mergeRequest.merge_commit_sha ?? mergeRequest.squash_commit_sha ?? mergeRequest.sha;
      return {
        fix: { name: `${path ?? target_project_id}!${iid}`, url, state, target, mergedAt: merged_at ?? null },
        project: String(target_project_id),
        commit: state === 'merged' ? commit : null,
      };
    });
}

/** The first release of each line of releases, in each environment, that has a fix in it: its commit comes after the fix's. */
async function shippedOf(fixes: readonly KnownFix[], { releases, gitlab }: ReturnContext): Promise<Shipped[]> {
  const merged = fixes.filter(({ commit, fix }) => commit !== null && fix.mergedAt !== null);
  if (merged.length === 0) return [];
  const published = (await releases.newest(RELEASES)).toSorted((a, b) => a.at - b.at);
  const shipped = new Map<string, Shipped>();
  for (const release of published) {
    const place = `${release.product}/${lineOf(release.version)}/${release.environment}`;
    if (release.commit === null || shipped.has(place)) continue;
    for (const { commit, project, fix } of merged) {
      if (release.at < Date.parse(fix.mergedAt ?? '') || commit === null) continue;
      if ((await gitlab.repository.mergeBase(project, commit, release.commit)) !== commit) continue;
      shipped.set(place, shippedIn(release));
      break;
    }
  }
  return [...shipped.values()];
}

/** `5.4` of 5.4.12: each line of releases ships the fix for its own customers. */
function lineOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

function shippedIn(release: PublishedRelease): Shipped {
  const { product, version, environment, at } = release;
  return { id: publishedName(release), product, version, environment, at };
}

/** GitLab tells the new issue's global id only; its name is in the note that GitLab left, and counts only with that id. */
async function findMoved(
  state: IssueState,
  { project, notes }: { project: string; notes: readonly Note[] },
  { gitlab }: ReturnContext,
): Promise<IssueFacts['movedTo']> {
  if (state.moved_to_id == null) return null;
  for (const reference of referencesIn(notes, 'moved to ', project, gitlab.url).toReversed()) {
    const there = await gitlab.issueStates.find(reference.project, reference.iid);
    if (there?.id !== state.moved_to_id) continue;
    const issue: EscalatedIssue = { ...reference, url: there.web_url, state: there.state, labels: there.labels };
    return { issue };
  }
  return { issue: null };
}

function duplicateOf(notes: readonly Note[], project: string, { gitlab }: ReturnContext): string | null {
  const named = referencesIn(notes, 'marked this issue as a duplicate of ', project, gitlab.url).at(-1);
  return named ? `${named.project}#${named.iid}` : 'another issue';
}

function referencesIn(notes: readonly Note[], beginning: string, project: string, baseUrl: string) {
  return notes
    .filter(note => note.system && note.body.startsWith(beginning))
    .flatMap(note => findReferences(note.body, { project, baseUrl, syntax: 'plain' }))
    .map(({ project: path, iid }) => ({ project: path, iid }));
}
