import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { StateEvent, SystemNote } from '../../gitlab/client/history.ts';
import type { LinkedMergeRequest, Turn } from './facts.ts';
import { mergeRequestName } from './reverted.ts';
import { nameOf } from './wish.ts';

const DRAFT = /^marked this merge request as \*\*(draft|ready)\*\*/;
const RETARGETED = /^changed target branch from `(.+)` to `(.+)`$/;
const RETARGETED_BY_ITSELF = /^changed automatically target branch to `(.+)` because `(.+)` was deleted$/;
const EDITED = /^changed (?:the description|title from )/;
const MENTIONED = /^mentioned in merge request (\S+)$/;

const NONE: ReadonlyMap<string, number> = new Map();

export interface DateContext {
  gitlab: GitLab;
  project: string;
  iid: number;
  /** The last look; links found since then are dated after it. */
  lookedAt: number;
  /** The merge requests that were known at the last look. */
  known: ReadonlySet<string>;
}

/**
 * Dates what the merge request itself does not tell: when it was made a draft or ready, retargeted, closed and opened again,
 * and when it began or ceased to speak of the issue. GitLab writes all of that into system notes and state events, in English
 * whatever language its pages are in.
 */
export async function dateLinks(
  links: readonly LinkedMergeRequest[],
  context: DateContext,
): Promise<LinkedMergeRequest[]> {
  const { gitlab, project, iid, known, lookedAt } = context;
  const isNew = links.some(each => !known.has(nameOf(each)));
  const mentions = isNew ? mentionTimes(await gitlab.history.systemNotes('issues', project, iid), context) : NONE;
  const began = (each: LinkedMergeRequest, edit: (after: number) => number | undefined): number => {
    const first = mentions.get(nameOf(each).toLowerCase());
    if (first !== undefined && first > lookedAt) return Math.max(first, each.createdAt);
    return each.createdAt > lookedAt ? each.linkedAt : (edit(lookedAt) ?? each.linkedAt);
  };
  return Promise.all(
    links.map(async each => {
      const [states, notes] = await Promise.all([
        gitlab.history.stateEvents('merge_requests', each.project, each.iid),
        gitlab.history.systemNotes('merge_requests', each.project, each.iid),
      ]);
      const edits = notes.filter(note => EDITED.test(note.body)).map(note => Date.parse(note.created_at));
      const edit = (after: number) => edits.find(time => time > after);
      const linkedAt = known.has(nameOf(each)) ? each.linkedAt : began(each, edit);
      const unlinkedAt = each.unlinkedAt === null ? null : (edit(each.unlinkedAt) ?? each.unlinkedAt);
      return { ...each, linkedAt, unlinkedAt, turns: toTurns(states, notes) };
    }),
  );
}

function toTurns(states: readonly StateEvent[], notes: readonly SystemNote[]): Turn[] {
  const turns: Turn[] = states.map(({ created_at, state }) => ({
    at: Date.parse(created_at),
    state: state === 'reopened' ? 'opened' : state,
  }));
  for (const { created_at, body } of notes) {
    const at = Date.parse(created_at);
    const draft = DRAFT.exec(body)?.[1];
    if (draft !== undefined) turns.push({ at, draft: draft === 'draft' });
    const [, from, to] = RETARGETED.exec(body) ?? [];
    if (from !== undefined && to !== undefined) turns.push({ at, target: { from, to } });
    const [, now, before] = RETARGETED_BY_ITSELF.exec(body) ?? [];
    if (now !== undefined && before !== undefined) turns.push({ at, target: { from: before, to: now } });
  }
  return turns.toSorted((a, b) => a.at - b.at);
}

/** When GitLab noted on the issue that a merge request speaks of it; it does so the first time only. */
function mentionTimes(notes: readonly SystemNote[], { gitlab, project }: DateContext): Map<string, number> {
  return new Map(
    notes.flatMap(({ body, created_at }) => {
      const reference = MENTIONED.exec(body)?.[1];
      const name = reference && mergeRequestName(reference, project, gitlab.url);
      return name ? [[name, Date.parse(created_at)] as const] : [];
    }),
  );
}
