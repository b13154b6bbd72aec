/** What a member may say in a comment: data, stored with its author and replayed in order. */
export type HumanDecision =
  | { type: 'merge'; into: number }
  | { type: 'unmerge' }
  | { type: 'split' }
  | { type: 'ignore'; until: number; reason: string }
  | { type: 'unignore' }
  | { type: 'lookthrough'; pattern: string };

/** What all decisions about a race come to. */
export interface HumanVerdict {
  mergedInto: number | null;
  ignoredUntil: number | null;
  ignoreReason: string | null;
  /** The race is told apart further: its own sites are looked through. */
  split: boolean;
  lookThrough: string[];
}

const COMMAND = /^\/signalbox[ \t]+(merge|unmerge|split|ignore|unignore|lookthrough)\b[ \t]*(.*)$/;

/** The end of a day, month or year as people write it: `2027`, `2027-01`, `2027-01-15`. Null when it is none. */
function endOf(date: string): number | null {
  const match = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?$/.exec(date);
  if (match === null) return null;
  const [, year, month, day] = match.map(Number);
  if (year === undefined || (month !== undefined && (month < 1 || month > 12))) return null;
  const months = Number.isNaN(month ?? Number.NaN) ? 12 : (month ?? 12);
  if (day !== undefined && !Number.isNaN(day)) {
    const time = Date.UTC(year, months - 1, day);
    return new Date(time).getUTCDate() === day ? time + 86_400_000 : null;
  }
  return Date.UTC(year, months, 1);
}

function ignoreOf(rest: string): HumanDecision | null {
  const match = /^until\s+(\S+?)\s*:\s*(\S.*)$/.exec(rest);
  const until = endOf(match?.[1] ?? '');
  return match === null || until === null ? null : { type: 'ignore', until, reason: (match[2] ?? '').trim() };
}

/** The decisions in a comment, each on a line of its own; a command that is not understood is returned as a fault. */
export function humanDecisions(comment: string): { decisions: HumanDecision[]; faults: string[] } {
  const decisions: HumanDecision[] = [];
  const faults: string[] = [];
  let fenced = false;
  for (const line of comment.split(/\r?\n/)) {
    if (/^\s*(?:```|~~~)/.test(line)) fenced = !fenced;
    const match = fenced ? null : COMMAND.exec(line.trimEnd());
    if (match === null) continue;
    const [, command, rest = ''] = match;
    const decision = decisionOf(command ?? '', rest);
    if (decision === null) faults.push(line.trim());
    else decisions.push(decision);
  }
  return { decisions, faults };
}

function decisionOf(command: string, rest: string): HumanDecision | null {
  switch (command) {
    case 'merge': {
      const issue = /^#(\d+)$/.exec(rest);
      return issue === null ? null : { type: 'merge', into: Number(issue[1]) };
    }
    case 'ignore':
      return ignoreOf(rest);
    case 'lookthrough':
      return /^[^\s]{1,300}$/.test(rest) ? { type: 'lookthrough', pattern: rest } : null;
    case 'unmerge':
    case 'split':
    case 'unignore':
      return rest === '' ? { type: command } : null;
    default:
      return null;
  }
}

/** Replays decisions, oldest first: a later one of the same kind takes the place of an earlier one. */
export function verdictOf(decisions: readonly HumanDecision[]): HumanVerdict {
  const verdict: HumanVerdict = {
    mergedInto: null,
    ignoredUntil: null,
    ignoreReason: null,
    split: false,
    lookThrough: [],
  };
  for (const decision of decisions) {
    if (decision.type === 'merge') verdict.mergedInto = decision.into;
    if (decision.type === 'unmerge') verdict.mergedInto = null;
    if (decision.type === 'split') verdict.split = true;
    if (decision.type === 'ignore')
      Object.assign(verdict, { ignoredUntil: decision.until, ignoreReason: decision.reason });
    if (decision.type === 'unignore') Object.assign(verdict, { ignoredUntil: null, ignoreReason: null });
    if (decision.type === 'lookthrough' && !verdict.lookThrough.includes(decision.pattern)) {
      verdict.lookThrough.push(decision.pattern);
    }
  }
  return verdict;
}
