import type { Decision } from '../../engine/automation.ts';
import { type Change, decide, type RaceDecision } from './decide.ts';
import type { RaceMemory, RaceSituation, TalkFact } from './facts.ts';
import { countEdit, nextEditAt } from './limits.ts';
import { noteState, statusState } from './render-status.ts';

/** What a look at a race does, in the order in which it is planned. */
export type RaceAction = { summary: string } & (
  | { type: 'take-up'; lookThrough: readonly string[]; apart: boolean }
  | { type: 'link'; iid: number }
  | { type: 'attach'; iid: number; by: 'member' | 'fan-out' }
  | { type: 'detach'; iid: number }
  | { type: 'create'; after: number | null }
  | { type: 'reopen'; iid: number }
  | { type: 'comment'; iid: number; changes: readonly Change[] }
  | { type: 'edit-comment'; iid: number; note: number; changes: readonly Change[] }
  | { type: 'edit-status'; iid: number }
  | { type: 'digest'; why: string }
  | { type: 'answer'; iid: number; fault: TalkFact['faults'][number] }
);

const NO_MEMORY: RaceMemory = {
  cells: {},
  variants: [],
  dayBase: null,
  edits: null,
  attached: null,
  digest: null,
  before: null,
};
/** Somebody has to set something right; he may do so at any time. */
const LOOK_AGAIN = 10 * 60_000;

/** What has to be done about a race, and what to remember of it. Pure: the same facts, memory and time give the same plan. */
export function planActions(
  facts: RaceSituation,
  memory: RaceMemory | null,
  now: number,
): Decision<RaceAction, RaceMemory> {
  if (!facts.known) {
    return { verdict: 'never reported', because: ['No box has reported a race with this fingerprint.'], actions: [] };
  }
  const decision = decide(facts);
  const next: RaceMemory = { ...(memory ?? NO_MEMORY), before: facts.before };
  const actions: RaceAction[] = [...bookkeeping(facts, next), ...planned(facts, decision, next)];
  const edit = planEdit(facts, actions, next, now);
  if (edit.action) actions.push(edit.action);
  if (facts.issue) actions.push(...answers(facts, facts.issue.iid));
  remember(facts, decision, next);
  const owner = facts.attachedTo?.owner ?? null;
  const wakes = decision.plan.action === 'attach' && facts.fresh.length > 0 && owner !== null;
  const lookAgainAt = decision.plan.action === 'wait' ? now + LOOK_AGAIN : edit.at;
  return {
    verdict: verdictOf(facts, decision),
    because: because(facts, decision),
    actions,
    memory: next,
    ...(lookAgainAt === null ? {} : { lookAgainAt }),
    ...(wakes ? { alsoLookAt: [{ key: `race:${owner}`, reason: 'a race that is told in its issue was seen' }] } : {}),
  };
}

/** What people said and what GitLab says, taken over. */
function bookkeeping(facts: RaceSituation, next: RaceMemory): RaceAction[] {
  const { takeUp, relink, issue, attachedTo, human } = facts;
  const actions: RaceAction[] = [];
  if (takeUp) {
    const summary = `look through ${takeUp.lookThrough.join(', ') || 'what is known'} from now on`;
    actions.push({ type: 'take-up', summary, ...takeUp });
  }
  if (relink && issue) {
    actions.push({ type: 'link', summary: `remember #${issue.iid} as its issue, ${issue.state}`, iid: issue.iid });
  }
  if (attachedTo?.by === 'member' && human.mergedInto !== attachedTo.iid) {
    actions.push({ type: 'detach', summary: `tell it in #${attachedTo.iid} no longer`, iid: attachedTo.iid });
    next.attached = null;
  }
  return actions;
}

function planned(facts: RaceSituation, { plan, reason }: RaceDecision, next: RaceMemory): RaceAction[] {
  switch (plan.action) {
    case 'record':
    case 'wait':
      return [];
    case 'digest':
      if (next.digest !== null) return [];
      next.digest = facts.today;
      return [{ type: 'digest', summary: `tell it in the digest of ${facts.today}`, why: reason }];
    case 'create': {
      const summary = plan.after === null ? 'open an issue' : `open an issue that follows #${plan.after}`;
      Object.assign(next, { digest: null, attached: null });
      return [{ type: 'create', summary: `${summary} in ${facts.view.project}`, after: plan.after }];
    }
    case 'attach': {
      const by = facts.human.mergedInto === plan.iid ? 'member' : 'fan-out';
      const same = facts.attachedTo?.iid === plan.iid && next.attached !== null;
      next.attached = { iid: plan.iid, by };
      return same ? [] : [{ type: 'attach', summary: `tell it in #${plan.iid}`, iid: plan.iid, by }];
    }
    case 'update':
      return plan.comment === null ? editComment(facts, []) : [comment(facts, plan.iid, plan.changes)];
    case 'reopen': {
      const reopen: RaceAction = { type: 'reopen', summary: `reopen #${plan.iid}`, iid: plan.iid };
      const edit = editComment(facts, plan.changes);
      return [reopen, ...(edit.length > 0 ? edit : [comment(facts, plan.iid, plan.changes)])];
    }
  }
}

function comment(facts: RaceSituation, iid: number, changes: readonly Change[]): RaceAction {
  const count = facts.view.today.reduce((sum, row) => sum + row.count, 0);
  return { type: 'comment', summary: `comment on #${iid}: seen again, ${count}`, iid, changes };
}

/** The day's comment says how often it was seen on that day, so it is kept up to date rather than written again. */
function editComment(facts: RaceSituation, changes: readonly Change[]): RaceAction[] {
  const { issue, talk } = facts;
  const note = talk.todaysNote;
  if (!issue || !note) return [];
  const all = [...new Set([...note.changes, ...changes])].filter(isChange);
  if (noteState(facts) === note.state && all.length === note.changes.length) return [];
  const summary = `bring today's comment on #${issue.iid} up to date`;
  return [{ type: 'edit-comment', summary, iid: issue.iid, note: note.id, changes: all }];
}

const CHANGES: readonly string[] = ['regression', 'build', 'box', 'variant', 'rate'] satisfies Change[];

function isChange(text: string): text is Change {
  return CHANGES.includes(text);
}

/** The status block is edited at once when there is news or somebody asks; else a few times a day, and then once an hour. */
function planEdit(
  facts: RaceSituation,
  actions: RaceAction[],
  next: RaceMemory,
  now: number,
): { action: RaceAction | null; at: number | null } {
  const { issue, talk, today } = facts;
  const nothing = { action: null, at: null };
  const isNews = actions.some(each => each.type === 'comment' || each.type === 'reopen');
  // What is closed stays as it is, until it is back.
  if (!issue || (issue.state === 'closed' && !isNews)) return nothing;
  const outdated = talk.hasStatus && statusState(facts) !== talk.status;
  const edits = actions.findIndex(each => each.type === 'edit-comment');
  if (!outdated && edits < 0) return nothing;
  const at = isNews || facts.asked ? now : nextEditAt(next.edits, today, now);
  if (at > now) {
    if (edits >= 0) actions.splice(edits, 1);
    return { action: null, at };
  }
  next.edits = countEdit(next.edits, today, now);
  if (!outdated) return nothing;
  return {
    action: { type: 'edit-status', summary: `bring the status of #${issue.iid} up to date`, iid: issue.iid },
    at: null,
  };
}

function answers(facts: RaceSituation, iid: number): RaceAction[] {
  const notes = new Map(facts.talk.faults.filter(fault => fault.note > 0).map(fault => [fault.note, fault]));
  return [...notes.values()].map(fault => ({
    type: 'answer',
    summary: `answer ${fault.by} on #${iid}`,
    iid,
    fault,
  }));
}

/** What was decided about is not new any more, unless nothing could be done about it yet. */
function remember(facts: RaceSituation, { plan }: RaceDecision, next: RaceMemory): void {
  // A new issue tells of all that was seen until then: the day's comment counts from there.
  if (plan.action === 'create') next.dayBase = null;
  else if (next.dayBase?.day !== facts.today) next.dayBase = { day: facts.today, cells: { ...facts.handled } };
  if (['wait', 'digest', 'create'].includes(plan.action)) return;
  next.cells = { ...facts.cells };
  next.variants = [...facts.allVariants];
}

function verdictOf(facts: RaceSituation, { rule, plan }: RaceDecision): string {
  const issue = facts.issue && plan.action !== 'attach' ? ` (#${facts.issue.iid})` : '';
  return `${rule}${issue}: ${plan.action}`;
}

function because(facts: RaceSituation, { reason }: RaceDecision): string[] {
  const { view, suppressionFault, talk, race } = facts;
  const reasons = [`${view.title}: ${reason}`];
  if (suppressionFault !== null) reasons.push(`The suppression file has a fault, ${suppressionFault}.`);
  if (race.confidence === 'mixed') reasons.push('Its reports were mixed with others.');
  for (const { line, why } of talk.faults) if (why === 'circle') reasons.push(`"${line}" would lead in a circle.`);
  if (view.cleanHours !== null) {
    reasons.push(`Boxes ran ${view.cleanHours} hours on builds with the fix since #${facts.issue?.iid} was closed.`);
  }
  return reasons;
}
