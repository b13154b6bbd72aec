import type { Decision as Look, PlannedAction } from '../../engine/automation.ts';
import { decide } from './decide.ts';
import type { BranchFacts, HeadFacts, LibraryFacts, LibraryMemory, ModuleFacts } from './facts.ts';
import { goLatest } from './go-latest.ts';
import { predecessorsOf } from './job/predecessors.ts';
import { type AnswerAction, patienceOf, planAnswer, refuseJobs } from './keyless/plan-answers.ts';
import { type GoModule, streamOf } from './module-path.ts';
import { renderTagMessage } from './render.ts';
import { reportOf, type TagReport } from './report.ts';
import type { LibraryRules } from './rules.ts';
import { parseVersion } from './semver.ts';
import type { Decision, Policy, TagFact } from './snapshot.ts';

export type LibraryAction = PlannedAction &
  (
    | {
        type: 'create';
        tag: string;
        commit: string;
        base: string | null;
        branch: string;
        message: string;
        /** Whose version it is; null in a repository without Go. */
        module: (GoModule & { prefix: string }) | null;
      }
    | { type: 'remember' }
    | AnswerAction
  );

/** By which way a tag was made, as its job sees it. */
const SERVICE = { name: 'service' };
/** How long a list of our tags is kept whose release and notes were handed on. */
const SHIPPED_KEPT = 200;

interface Planned {
  actions: Extract<LibraryAction, { type: 'create' | 'answer' }>[];
  verdicts: string[];
  because: string[];
  /** When jobs of earlier commits have had their time, ms; null when none is waited for. */
  waitUntil: number | null;
}

/**
 * The decision on one library: every update of its branches in order, each as if the tags before it were there already. Numbers
 * and refusals are `decide`'s; here is only what comes from there being several updates, and people.
 */
export function decideLibrary(
  facts: LibraryFacts,
  rules: LibraryRules,
  memory: LibraryMemory | null,
  now: number,
): Look<LibraryAction, LibraryMemory> {
  if (!facts.found) return nothing('not found', 'GitLab has no such project, or the token may not see it.', facts);
  if (facts.archived) return nothing('archived', 'An archived project takes no tags.', facts);
  if (facts.defaultBranch === '') return nothing('empty', 'The repository has no branch yet.', facts);
  const planned: Planned = { actions: [], verdicts: [], because: [], waitUntil: null };
  for (const branch of facts.branches) planBranch(branch, facts, rules.policy, planned, now);
  const resting = facts.releasing.filter(name => !facts.branches.some(({ branch }) => branch === name));
  if (resting.length > 0)
    planned.because.push(`${resting.join(', ')}: nothing has happened there since the last look.`);
  const creates = planned.actions.filter(action => action.type === 'create');
  planned.because.push(...latestOf(facts, creates));

  const unknown = facts.jobs.filter(({ fault }) => fault !== null);
  const actions: LibraryAction[] = [...refuseJobs(unknown), ...planned.actions];
  if (facts.unseen > 0) {
    const summary = `remember ${facts.unseen} ${facts.unseen === 1 ? 'tag' : 'tags'} of ${facts.project}`;
    actions.unshift({ type: 'remember', summary });
  }
  const whole = facts.branches.filter(each => each.whole);
  const unfinished = whole.some(({ later }) => later > 0);
  const lookAgainAt = unfinished ? now : planned.waitUntil;
  const shipped = memory?.shipped ?? [];
  const toShip = [...new Set([...facts.own.map(({ name }) => name), ...creates.map(({ tag }) => tag)])].filter(
    name => !shipped.includes(name),
  );
  return {
    verdict: planned.verdicts.join('; ') || 'nothing to tag',
    because: planned.because,
    actions,
    memory: {
      heads: {
        ...memory?.heads,
        ...Object.fromEntries(whole.map(({ branch, head, reached }) => [branch, reached ?? head])),
      },
      // What came until then is asked for once more where this look has not taken up all of it.
      lookedAt: unfinished && memory ? memory.lookedAt : now,
      shipped: [...shipped, ...toShip].slice(-SHIPPED_KEPT),
    },
    alsoLookAt: handedOn(facts.project, toShip, rules, now),
    ...(lookAgainAt === null ? {} : { lookAgainAt }),
  };
}

/** Who else has to know of a new version. */
function handedOn(project: string, tags: readonly string[], rules: LibraryRules, now: number) {
  const told = rules.release || rules.note ? tags : [];
  const { projects, wait } = rules.consumers;
  return [
    ...told.map(tag => ({ key: `library-version:${project}@${tag}`, reason: `${tag} is made` })),
    ...(tags.length > 0 ? projects : []).map(pattern => ({
      key: `library-consumers:${pattern}`,
      reason: `${project} has ${tags.join(', ')}`,
      dueAt: now + wait,
    })),
  ];
}

function nothing(verdict: string, reason: string, { jobs }: LibraryFacts): Look<LibraryAction, LibraryMemory> {
  return { verdict, because: [reason], actions: refuseJobs(jobs.map(job => ({ ...job, fault: reason }))) };
}

/** Plans one branch; without effect on the others where the jobs of earlier commits are to go first. */
function planBranch(branch: BranchFacts, facts: LibraryFacts, policy: Policy, planned: Planned, now: number): void {
  const own: Planned = { actions: [...planned.actions], verdicts: [], because: [], waitUntil: null };
  const earlier = planUpdates(branch, facts, policy, own);
  const until = branch.whole || earlier === 0 ? 0 : patienceOf(facts.jobs.filter(job => job.branch === branch.branch));
  if (until > now) {
    planned.verdicts.push(`${branch.branch}: lets earlier commits go first`);
    planned.because.push(
      `${branch.branch}: ${earlier} earlier ${earlier === 1 ? 'commit has' : 'commits have'} no version yet; their jobs may be under way.`,
    );
    planned.waitUntil = Math.min(until, planned.waitUntil ?? until);
    return;
  }
  planned.actions = own.actions;
  planned.verdicts.push(...own.verdicts);
  planned.because.push(...own.because);
}

/** Returns how many commits below those that jobs ask for have no version. */
function planUpdates(branch: BranchFacts, facts: LibraryFacts, policy: Policy, planned: Planned): number {
  const before = planned.actions.flatMap(action => (action.type === 'create' ? [action.tag] : []));
  const name = branch.branch || 'no branch';
  let passedOver = 0;
  const made: TagFact[] = [];
  if (branch.later > 0) {
    planned.because.push(
      `${name}: of ${branch.later + branch.updates.length} updates since the last look the first ${branch.updates.length} are taken up; the others at once in the next.`,
    );
  }
  for (const update of branch.updates) {
    const isHead = update.commit === branch.head;
    const jobs = facts.jobs.filter(job => job.branch === branch.branch && job.commit === update.commit);
    const reports: TagReport[] = [];
    for (const module of update.modules) {
      const decision = decideModule(branch.branch || null, update, module, { facts, policy, made, before });
      const creates = decision.action === 'create';
      reports.push(reportOf({ module: module.module, decision, created: creates, way: creates ? SERVICE : null }));
      if (creates && jobs.length > 0)
        passedOver += predecessorsOf({ ...update, tags: [...facts.tags, ...made] }, decision);
      const held = isHead && jobs.length === 0 && creates ? tagTakenOff(facts, update.commit, module) : null;
      const where = `${name} at ${update.commit.slice(0, 10)}${module.module?.dir ? `, ${module.module.dir}` : ''}`;
      if (held) {
        planned.verdicts.push(`${name}: left without a version`);
        planned.because.push(
          `${where}: somebody took ${held} off this commit. The next update gets a version; \`signalbox replay library:${facts.project}\` gives this one a new number.`,
        );
        continue;
      }
      if (isHead || creates || jobs.length > 0) planned.verdicts.push(`${name}: ${verdictOf(decision)}`);
      for (const reason of decision.reasons) planned.because.push(`${where}: ${reason}.`);
      for (const warning of decision.warnings) planned.because.push(`${where}: mind that ${warning}.`);
      if (!creates || decision.tag === null) continue;
      const parents = update.commits.find(({ oid }) => oid === update.commit)?.parents ?? [];
      const message = renderTagMessage(decision.tag, { message: update.message, parents }, update.mergeRequest);
      const { tag, commit, base } = { ...decision, tag: decision.tag };
      const summary = `create ${tag} on ${commit.slice(0, 10)} of ${facts.project}`;
      planned.actions.push({
        type: 'create',
        summary,
        tag,
        commit,
        base,
        branch: branch.branch,
        message,
        module: module.module && { ...module.module, prefix: prefixOf(module) },
      });
      made.push({ name: tag, peeled: commit });
    }
    if (jobs.length > 0) {
      const ids = jobs.map(({ id }) => id);
      planned.actions.push(planAnswer(branch.branch, update.commit, ids, reports));
    }
  }
  return passedOver;
}

/** `decide`, with the tags planned for this branch in place, and those planned for others taken. */
function decideModule(
  branch: string | null,
  update: HeadFacts,
  { module, relations, cutBelow, onBranch }: ModuleFacts,
  plan: { facts: LibraryFacts; policy: Policy; made: readonly TagFact[]; before: readonly string[] },
): Decision {
  const { facts, policy, made, before } = plan;
  const earlier = made.filter(({ peeled }) => peeled !== update.commit);
  return decide(
    {
      commit: update.commit,
      commitMessage: update.message,
      branch,
      defaultBranch: facts.defaultBranch,
      ...(onBranch ? {} : { onBranch }),
      branches: facts.releasing,
      tags: [...facts.tags, ...made],
      cutBelow,
      relations: { ...relations, ...Object.fromEntries(earlier.map(({ peeled }) => [peeled, 'ancestor' as const])) },
      module,
      commits: update.commits,
      mergeRequest: update.mergeRequest,
      ledger: [...facts.removed.map(({ name }) => name), ...before],
    },
    policy,
  );
}

/** The version that this commit had until somebody deleted it; a person's decision, so it is not undone unasked. */
function tagTakenOff(facts: LibraryFacts, commit: string, { module }: ModuleFacts): string | null {
  if (facts.asked) return null;
  const prefix = prefixOf({ module });
  const taken = facts.removed.find(({ name, peeled }) => {
    if (peeled !== commit || !name.startsWith(prefix)) return false;
    return parseVersion(name.slice(prefix.length))?.pre === '';
  });
  return taken?.name ?? null;
}

function prefixOf({ module }: Pick<ModuleFacts, 'module'>): string {
  const result = module ? streamOf(module) : { stream: { prefix: '' } };
  return 'fault' in result ? '' : result.stream.prefix;
}

function verdictOf({ action, tag, containedIn, reasons }: Decision): string {
  switch (action) {
    case 'create':
      return `to be ${tag}`;
    case 'exists':
      return `is ${tag}`;
    case 'contained':
      return `contained in ${containedIn}`;
    case 'skip':
      return `no version, ${reasons[0] ?? 'skipped'}`;
    case 'refuse':
      return `refused, ${reasons[0] ?? 'for an unknown reason'}`;
  }
}

/** What people of other projects will get. */
function latestOf(facts: LibraryFacts, creates: readonly { tag: string; commit: string }[]): string[] {
  const head = facts.branches.find(({ branch }) => branch === facts.defaultBranch)?.updates.at(-1);
  const tags = [...facts.tags, ...creates.map(({ tag, commit }) => ({ name: tag, peeled: commit }))];
  return (head?.modules ?? []).flatMap(({ module }) => {
    if (module === null) return [];
    const latest = goLatest(tags, module);
    if (latest === null) return [];
    return [`\`go get ${module.path}@latest\` will give ${latest}.`];
  });
}
