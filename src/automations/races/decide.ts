import type { NewSightings, RaceFacts } from './facts.ts';
import { MOST_NOTES } from './limits.ts';

/** What is new about a race, in the order in which it is told. */
export type Change = 'regression' | 'build' | 'box' | 'variant' | 'rate';

/** What is to be done about a race. Everything seen is counted in every case. */
export type RacePlan =
  /** Nothing outside changes. */
  | { action: 'record' }
  /** Nothing can be done before somebody has set something right; it stays new until then. */
  | { action: 'wait' }
  /** It is told in the day's digest. */
  | { action: 'digest' }
  /** A new issue; `after` is the closed one that it follows. */
  | { action: 'create'; after: number | null }
  /** The issue's status block is brought up to date; `changes` are commented on, null is no comment. */
  | { action: 'update'; iid: number; comment: 'daily' | 'changes' | null; changes: Change[] }
  /** The closed issue is reopened, with a comment. */
  | { action: 'reopen'; iid: number; changes: Change[] }
  /** It is told in another race's issue. */
  | { action: 'attach'; iid: number };

export interface RaceDecision {
  /** The rule that decided, for `explain`. */
  rule: string;
  reason: string;
  plan: RacePlan;
}

const DAY = 86_400_000;
const TEN_TIMES = 10;

/** The last day before a time. */
const lastDay = (time: number): string => new Date(time - 1).toISOString().slice(0, 10);

/** A sighting that says nothing against the fix: made by a build without it, or before the issue was closed. */
function isBeforeFix({ build, lastAt }: NewSightings, closedAt: number): boolean {
  if (build?.containsFix !== null && build?.containsFix !== undefined) return !build.containsFix;
  if (build?.builtAt !== null && build?.builtAt !== undefined) return build.builtAt <= closedAt;
  return lastAt <= closedAt;
}

/** What the issue does not show yet. */
function changesOf({ fresh, newVariants, shown, today }: RaceFacts): Change[] {
  const changes: Change[] = [];
  if (fresh.some(({ build }) => build !== null && !shown.builds.includes(build.name))) changes.push('build');
  if (fresh.some(({ host }) => !shown.hosts.includes(host))) changes.push('box');
  if (newVariants.length > 0) changes.push('variant');
  const days = shown.notedOn === null ? 1 : Math.max(1, (Date.parse(today) - Date.parse(shown.notedOn)) / DAY);
  const count = fresh.reduce((sum, sightings) => sum + sightings.count, 0);
  if (shown.perDay > 0 && count / days >= TEN_TIMES * shown.perDay) changes.push('rate');
  return changes;
}

/** May a comment be written today, and which? One a day at most, whatever happens. */
function commentOf(facts: RaceFacts, changes: readonly Change[]): 'daily' | 'changes' | null {
  const { issue, shown, today, settings } = facts;
  if (issue !== null && (issue.notes >= MOST_NOTES || issue.locked)) return null;
  if (shown.notedOn !== null && shown.notedOn >= today) return null;
  if (settings.comment === 'daily') return 'daily';
  return changes.length > 0 ? 'changes' : null;
}

interface Rule {
  name: string;
  decide: (facts: RaceFacts) => { reason: string; plan: RacePlan } | null;
}

const RECORD: RacePlan = { action: 'record' };
const DIGEST: RacePlan = { action: 'digest' };

/** The rules in their order; the first that has something to say decides. */
const RULES: readonly Rule[] = [
  {
    name: 'merged by a member',
    decide: ({ human, issue }) =>
      human.mergedInto === null || human.mergedInto === issue?.iid
        ? null
        : {
            reason: `A member said it is the race of #${human.mergedInto}.`,
            plan: { action: 'attach', iid: human.mergedInto },
          },
  },
  {
    name: 'told in another issue',
    decide: ({ fannedOutTo, issue }) =>
      fannedOutTo === null || issue !== null
        ? null
        : { reason: `It is told in #${fannedOutTo}.`, plan: { action: 'attach', iid: fannedOutTo } },
  },
  {
    name: 'nothing new',
    decide: ({ fresh }) =>
      fresh.length === 0 ? { reason: 'It was not seen since the last look.', plan: RECORD } : null,
  },
  {
    name: 'ignored by a member',
    decide: ({ human, now }) =>
      human.ignoredUntil === null || human.ignoredUntil <= now
        ? null
        : {
            reason: `A member ignores it until ${lastDay(human.ignoredUntil)}: ${human.ignoreReason ?? 'no reason'}.`,
            plan: RECORD,
          },
  },
  {
    name: 'suppressed',
    decide({ suppression, now }) {
      if (suppression === null || (suppression.until !== null && suppression.until <= now)) return null;
      const until = suppression.until === null ? '' : ` until ${lastDay(suppression.until)}`;
      return { reason: `${suppression.owner} suppressed it${until}: ${suppression.reason}.`, plan: RECORD };
    },
  },
  {
    name: 'mixed reports only',
    decide: ({ race, issue }) =>
      issue === null && race.confidence === 'mixed'
        ? { reason: 'Its reports were mixed with others, so that its two sides may not belong together.', plan: DIGEST }
        : null,
  },
  { name: 'known and open', decide: decideOpen },
  { name: 'known and closed', decide: decideClosed },
  {
    name: 'baseline',
    decide: ({ baseline, now, race }) =>
      baseline !== null && now < baseline.until && race.rank > baseline.top
        ? {
            reason: `Until ${lastDay(baseline.until)} only the first ${baseline.top} races become issues; this is number ${race.rank}.`,
            plan: DIGEST,
          }
        : null,
  },
  {
    name: 'fan-out',
    decide({ neighbours, settings }) {
      const [oldest] = neighbours;
      if (oldest === undefined || neighbours.length <= settings.fanOut) return null;
      return {
        reason: `${neighbours.length} open issues share a side with it; it is told in the oldest.`,
        plan: { action: 'attach', iid: oldest },
      };
    },
  },
  {
    name: 'label is missing',
    decide: ({ missingLabel }) =>
      missingLabel === null
        ? null
        : {
            reason: `The label "${missingLabel}" does not exist in the project. Create it, or name another one in races.label.`,
            plan: { action: 'wait' },
          },
  },
  {
    name: 'daily cap',
    decide: ({ openedToday, settings }) =>
      openedToday >= settings.dailyCap
        ? { reason: `${openedToday} issues were opened today, and ${settings.dailyCap} is the most.`, plan: DIGEST }
        : null,
  },
  { name: 'new', decide: () => ({ reason: 'It has not been seen before.', plan: { action: 'create', after: null } }) },
];

function decideOpen(facts: RaceFacts): { reason: string; plan: RacePlan } | null {
  const { issue, settings } = facts;
  if (issue?.state !== 'opened') return null;
  const changes = changesOf(facts);
  const comment = commentOf(facts, changes);
  const told =
    comment === null
      ? 'the status block says so'
      : comment === 'daily'
        ? "today's comment says so"
        : `new: ${changes.join(', ')}`;
  const reason = `It was seen again, and its issue is open; ${told} (comments: ${settings.comment}).`;
  return { reason, plan: { action: 'update', iid: issue.iid, comment, changes } };
}

function decideClosed(facts: RaceFacts): { reason: string; plan: RacePlan } | null {
  const { issue, fresh, settings, now } = facts;
  if (issue?.state !== 'closed') return null;
  const closedAt = issue.closedAt ?? 0;
  const after = fresh.filter(sightings => !isBeforeFix(sightings, closedAt));
  if (after.length === 0) return { reason: `Only builds without the fix of #${issue.iid} showed it.`, plan: RECORD };
  if (!after.some(({ build }) => build !== null)) {
    return {
      reason: `It was seen after #${issue.iid} was closed, by boxes that do not say what they run.`,
      plan: DIGEST,
    };
  }
  const builds = [...new Set(after.flatMap(({ build }) => (build === null ? [] : [build.name])))].join(', ');
  const days = (now - closedAt) / DAY;
  if (issue.locked || days > settings.reopenDays) {
    const why = issue.locked ? 'it is locked' : `that was more than ${settings.reopenDays} days ago`;
    const reason = `It is back in ${builds} after #${issue.iid} was closed; ${why}, so a new issue follows it.`;
    return { reason, plan: { action: 'create', after: issue.iid } };
  }
  const changes: Change[] = ['regression', ...changesOf(facts)];
  return {
    reason: `It is back in ${builds}, which contains the fix of #${issue.iid}.`,
    plan: { action: 'reopen', iid: issue.iid, changes },
  };
}

/** Decides what is to be done about a race. Pure: the same facts give the same decision. */
export function decide(facts: RaceFacts): RaceDecision {
  for (const { name, decide: rule } of RULES) {
    const decided = rule(facts);
    if (decided !== null) return { rule: name, ...decided };
  }
  throw new Error('the last rule decides everything');
}
