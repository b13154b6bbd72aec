import { z } from 'zod';
import { decide } from '../../automations/version-check/decide.ts';
import { lineOf } from '../../automations/version-check/extract/version-number.ts';
import type { Drag, Reading, VersionCheckFacts } from '../../automations/version-check/facts.ts';
import { toRules } from '../../automations/version-check/rules.ts';
import type { VersionCheckProject } from '../../automations/version-check/settings.ts';
import type { CaseContext, CaseFault, Judged } from './case.ts';

const OUTCOMES = ['ok', 'blocked', 'unknown', 'deferred'] as const;

const version = z
  .string()
  .regex(/^\d+(\.\d+)*([-+.].*)?$/, 'must be a version, in quotes: "5.3.1"')
  .nullable();

/** One case of the version check, as users write it. A version that is null cannot be read. */
export const versionCheckCase = z.strictObject({
  name: z.string().min(1, 'must not be empty'),
  source_branch: z.string().prefault('topic'),
  target_branch: z.string(),
  labels: z.array(z.string()).prefault([]),
  draft: z.boolean().prefault(false),
  versions: z.strictObject({ source: version, target: version, base: version }),
  carries: z
    .array(z.strictObject({ line: z.string(), all: z.boolean().prefault(false) }))
    .prefault([])
    .describe('Other lines whose commits it would bring along; `all`: the line has all of it already.'),
  changes: z.array(z.string()).prefault([]).describe('The files that it changes.'),
  expect: z.union([z.enum(OUTCOMES), z.partialRecord(z.enum(OUTCOMES), z.string())]),
});
export type VersionCheckCase = z.output<typeof versionCheckCase>;

interface Lines {
  lines: readonly { name: string; branch: string }[];
}

/** What the rules decide in a case, by the same function as in the service. */
export function judgeVersionCheckCase(
  given: VersionCheckCase,
  { project, settings, lines }: CaseContext<VersionCheckProject> & Lines,
): Judged {
  const rules = toRules(settings, lines);
  const { verdict, because } = decide(toFacts(given, project, settings.compare, rules.lines), rules, 0);
  const outcome = /^\w+/.exec(verdict)?.[0] ?? '';
  const said = [verdict, ...because].join(' ').toLowerCase();
  const wanted = typeof given.expect === 'string' ? { [given.expect]: '' } : given.expect;
  const ok = Object.entries(wanted).some(([word, reason]) => word === outcome && said.includes(reason.toLowerCase()));
  const expected = Object.entries(wanted).map(([word, reason]) => (reason ? `${word}, and says "${reason}"` : word));
  return { ok, expected: expected.join(' or '), got: verdict, verdict, because };
}

export function faultsOfVersionCheckCase(given: VersionCheckCase, { lines }: Lines): CaseFault[] {
  const names = lines.map(line => line.name);
  const faults = given.carries.flatMap(({ line }, index) =>
    names.includes(line)
      ? []
      : [
          {
            path: ['carries', index, 'line'],
            message: `is no line of this project; its lines are ${names.join(', ')}`,
          },
        ],
  );
  if (typeof given.expect === 'string' || Object.keys(given.expect).length > 0) return faults;
  return [...faults, { path: ['expect'], message: `is empty: write one of ${OUTCOMES.join(', ')}` }];
}

function toFacts(
  given: VersionCheckCase,
  project: string,
  components: number,
  lines: Lines['lines'],
): VersionCheckFacts {
  const read = (text: string | null): Reading =>
    text === null
      ? { ok: false, reason: 'not-found', detail: 'the case says so' }
      : { ok: true, version: text, line: lineOf(text, components), place: 'the case' };
  const { source, target, base } = given.versions;
  const branches = new Map(lines.map(line => [line.name, line.branch]));
  return {
    project,
    iid: 1,
    url: '',
    found: true,
    state: 'opened',
    mergedAt: null,
    draft: given.draft,
    sourceBranch: given.source_branch,
    targetBranch: given.target_branch,
    labels: given.labels,
    head: null,
    target: null,
    base: null,
    notReady: null,
    versions: { source: read(source), target: read(target), base: read(base) },
    drags: given.carries.map(
      ({ line, all }): Drag => ({ line, branch: branches.get(line) ?? '', mergeBase: '', all, lowest: line }),
    ),
    changedPaths: given.changes,
    own: [],
    replies: [],
    commands: [],
    commitStatus: null,
    statusCheck: null,
  };
}
