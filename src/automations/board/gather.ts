import type { Look } from '../../engine/automation.ts';
import type { Documents } from '../../engine/documents/documents.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import { parseIssue, readColumnEvents } from './column-events.ts';
import { dateLinks } from './date-links.ts';
import type { BoardFacts, BoardMemory, BoardRules, LinkedMergeRequest } from './facts.ts';
import { findClosing } from './find-closing.ts';
import { findMovedTo } from './find-moved.ts';
import { linkCandidates } from './link.ts';
import { findPersonsMove } from './person.ts';
import { type ReadCandidate, readCandidates } from './read-candidates.ts';
import type { BoardProject, BoardSettings } from './settings.ts';
import { readUndo } from './undo.ts';
import { nameOf } from './wish.ts';

const SAME_MOMENT = 1000;

export interface GatherContext {
  gitlab: GitLab;
  documents: Documents;
  all: BoardSettings;
  settings: BoardProject;
  rules: BoardRules;
}

/**
 * Reads everything that the decision on one issue hangs on. GitLab's related merge requests, the ones known from before and the
 * ones a reason names are only candidates: linked is what our own reading of the merge request says.
 */
export async function gather(look: Look<BoardMemory>, context: GatherContext): Promise<BoardFacts> {
  const { gitlab, documents, settings, rules } = context;
  const { memory, reasons } = look;
  const { project, iid } = parseIssue(look.subject);
  const issue = await gitlab.issues.find(project, iid);
  const formerly = [...new Set([...(memory?.formerly ?? []), ...formerNamesIn(reasons)])];
  const nothing = {
    project,
    iid,
    labels: [],
    existing: [],
    linked: [],
    gone: [],
    events: [],
    closing: null,
    undo: null,
  };
  if (!issue) {
    const projectSeen = (await gitlab.projects.find(project)) !== null;
    return { ...nothing, formerly, found: false, projectSeen, state: 'opened' };
  }
  const names = [...(memory?.known ?? []).map(each => each.name), ...namedIn(reasons)];
  const issues = [{ project, iid }, ...formerly.map(parseIssue)];
  const [titles, events, undo, movedTo, { candidates, gone }] = await Promise.all([
    gitlab.issues.labelTitles(project),
    readColumnEvents(gitlab, project, iid, rules),
    readUndo(documents, project, iid),
    findMovedTo(gitlab, { project, iid, issue }, context.all),
    readCandidates(gitlab, issues, names, settings.references),
  ]);
  // Labels that came along when the issue was moved here are nobody's decision about its column.
  const created = Date.parse(issue.created_at);
  const decided = events.filter(
    event => formerly.length === 0 || event.ours || Math.abs(event.at - created) > SAME_MOMENT,
  );
  const known = new Set(memory?.known.map(each => each.name));
  const linked = linkCandidates(candidates, { names: [`${project}#${iid}`, ...formerly], settings, memory });
  const dated = await dateWhereNeeded(linked, candidates, findPersonsMove({ events: decided, undo })?.at ?? null, {
    gitlab,
    project,
    iid,
    lookedAt: memory?.lookedAt ?? 0,
    known,
    since: memory?.since ?? -1,
  });
  const asksWhy = rules.reopen && issue.state === 'closed' && !movedTo;
  return {
    project,
    iid,
    found: true,
    projectSeen: true,
    state: issue.state,
    ...(movedTo && { movedTo }),
    formerly,
    labels: issue.labels,
    existing: rules.columns.filter(column => titles.includes(column)),
    linked: dated,
    gone: gone.filter(name => [...known].some(each => each.toLowerCase() === name)),
    events: decided,
    closing: asksWhy ? await findClosing(gitlab, { project, iid }, candidates) : null,
    undo,
  };
}

/**
 * Exact dates take two more requests for each merge request, and matter only where a person has moved the issue: then those
 * that changed after that are dated, for whether the person's move stands hangs on what came first.
 */
async function dateWhereNeeded(
  linked: LinkedMergeRequest[],
  candidates: readonly ReadCandidate[],
  moved: number | null,
  context: Parameters<typeof dateLinks>[1] & { since: number },
): Promise<LinkedMergeRequest[]> {
  if (moved === null || moved < context.since) return linked;
  const changed = new Map(candidates.map(each => [nameOf(each), each.updatedAt]));
  const unclear = linked.filter(each => (changed.get(nameOf(each)) ?? 0) > moved);
  const dated = new Map((await dateLinks(unclear, context)).map(each => [nameOf(each), each]));
  return linked.map(each => dated.get(nameOf(each)) ?? each);
}

/** What a merge request's look wrote into the reason for this one: `merge request acme/appliance!7 …`. */
function namedIn(reasons: readonly string[]): string[] {
  return reasons.flatMap(reason => /\bmerge request ([\w./-]+!\d+)/.exec(reason)?.[1] ?? []);
}

/** And what the look at a moved issue wrote: `issue acme/appliance#1 was moved here`. */
function formerNamesIn(reasons: readonly string[]): string[] {
  return reasons.flatMap(reason => /^issue ([\w./-]+#\d+) was moved here$/.exec(reason)?.[1] ?? []);
}
