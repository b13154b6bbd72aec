import { z } from 'zod';
import { decide } from '../../automations/board/decide.ts';
import type { BoardFacts, BoardRules, ColumnEvent } from '../../automations/board/facts.ts';
import { type Candidate, linkCandidates } from '../../automations/board/link.ts';
import { toRules } from '../../automations/board/rules.ts';
import type { BoardProject } from '../../automations/board/settings.ts';
import type { CaseContext, CaseFault, Judged } from './case.ts';

const mergeRequest = z.strictObject({
  title: z.string().prefault('Work on #1').describe('What it says; the issue of a case is #1.'),
  description: z.string().prefault(''),
  state: z.enum(['opened', 'merged', 'closed']).prefault('opened'),
  draft: z.boolean().prefault(false),
  source_branch: z.string().prefault('topic'),
  target_branch: z.string().prefault('main'),
  commits: z.array(z.string()).prefault([]).describe('The messages of its commits.'),
});

const move = z.strictObject({
  by: z.string().describe('`signalbox`, or the name of a person.'),
  to: z.string().describe('The column.'),
  after: z.int().min(0).optional().describe('After so many of the merge requests; after all of them unless told.'),
});

/**
 * One case of a board, as users write it. Merge requests are listed in the order in which they came to be as they are, and number
 * from !1 on; labels are those the issue had at first, and moves happened one after the other.
 */
export const boardCase = z.strictObject({
  name: z.string().min(1, 'must not be empty'),
  issue: z
    .strictObject({
      labels: z.array(z.string()).prefault([]),
      state: z.enum(['opened', 'closed']).prefault('opened'),
      closed_by: z.enum(['person', 'merge']).prefault('person').describe('`merge`: GitLab did, for a "Closes #1".'),
    })
    .prefault({}),
  merge_requests: z.array(mergeRequest).prefault([]),
  moves: z.array(move).prefault([]),
  expect: z.union([z.string(), z.strictObject({ stays: z.string() })]),
});
export type BoardCase = z.output<typeof boardCase>;

/** Between two things that happened, ms; moves that follow the same merge request share what lies between. */
const STEP = 1_000_000;
const MOVE = 10_000;

/** What the rules decide in a case, by the same function as in the service. */
export function judgeBoardCase(given: BoardCase, context: CaseContext<BoardProject>): Judged {
  const rules = toRules(context.settings);
  const facts = toFacts(given, context, rules);
  const { verdict, because, actions } = decide(facts, rules, null, STEP * (given.merge_requests.length + 2));
  const moved = actions[0];
  const labels = moved ? [...facts.labels.filter(each => !moved.remove.includes(each)), ...moved.add] : facts.labels;
  const columns = labels.filter(each => rules.columns.includes(each));
  const got = `${verdict} (${columns.length === 0 ? 'in no column' : `in ${columns.join(', ')}`})`;
  const { expect } = given;
  const said = [verdict, ...because].join(' ').toLowerCase();
  if (typeof expect === 'string') return { ok: columns.join() === expect, expected: expect, got, verdict, because };
  const ok = !moved && said.includes(expect.stays.toLowerCase());
  return { ok, expected: `stays, and says ${JSON.stringify(expect.stays)}`, got, verdict, because };
}

/** What a case says that cannot be so in this project; a case with a mistyped column would prove nothing. */
export function faultsOfBoardCase(given: BoardCase, { columns }: BoardProject): CaseFault[] {
  const unknown = `is no column of this project; its columns are ${columns.join(', ')}`;
  const count = given.merge_requests.length;
  const faults = given.moves.flatMap(({ to, after = count }, index) => {
    const wrong: CaseFault[] = columns.includes(to) ? [] : [{ path: ['moves', index, 'to'], message: unknown }];
    const before = given.moves[index - 1]?.after ?? (index === 0 ? 0 : count);
    if (after > count)
      wrong.push({ path: ['moves', index, 'after'], message: `is too high: there are ${count} merge requests` });
    else if (after < before)
      wrong.push({ path: ['moves', index], message: 'is listed after a move that it came before' });
    return wrong;
  });
  if (typeof given.expect !== 'string' || columns.includes(given.expect)) return faults;
  return [...faults, { path: ['expect'], message: unknown }];
}

function toFacts(
  given: BoardCase,
  { project, baseUrl, settings }: CaseContext<BoardProject>,
  rules: BoardRules,
): BoardFacts {
  const count = given.merge_requests.length;
  let labels = given.issue.labels;
  const events: ColumnEvent[] = [];
  for (const [index, { by, to, after }] of given.moves.entries()) {
    const at = STEP * ((after ?? count) + 1) + MOVE * (index + 1);
    const record = (action: 'add' | 'remove', column: string) =>
      events.push({ id: events.length + 1, action, column, ours: by === 'signalbox', by, at });
    const left = labels.filter(each => rules.columns.includes(each) && each !== to);
    for (const column of left) record('remove', column);
    if (!labels.includes(to)) record('add', to);
    labels = [...labels.filter(each => !left.includes(each) && each !== to), to];
  }
  const candidates = given.merge_requests.map((each, index) => toCandidate(each, index, { project, baseUrl }));
  const { state, closed_by } = given.issue;
  const last = candidates.findLast(each => each.state === 'merged');
  const byMerge = closed_by === 'merge' && last ? `${project}!${last.iid}` : null;
  return {
    project,
    iid: 1,
    found: true,
    projectSeen: true,
    state,
    formerly: [],
    labels,
    existing: rules.columns,
    linked: linkCandidates(candidates, { names: [`${project}#1`], settings, memory: null }),
    gone: [],
    events,
    closing: state === 'closed' ? { at: last?.mergedAt ?? 0, by: 'somebody', mergeRequest: byMerge } : null,
    undo: null,
  };
}

function toCandidate(
  { title, description, state, draft, source_branch, target_branch, commits }: BoardCase['merge_requests'][number],
  index: number,
  { project, baseUrl }: { project: string; baseUrl: string },
): Candidate {
  const at = STEP * (index + 2);
  return {
    project,
    baseUrl,
    iid: index + 1,
    title,
    description,
    branch: source_branch,
    commitMessages: commits,
    state,
    draft,
    targetBranch: target_branch,
    mergeCommits: [],
    createdAt: state === 'opened' ? at : at - STEP / 2,
    mergedAt: state === 'merged' ? at : null,
    closedAt: state === 'closed' ? at : null,
  };
}
