import type { Look } from '../../engine/automation.ts';
import type { Documents } from '../../engine/documents/documents.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { JobFacts, LibraryFacts, LibraryMemory } from './facts.ts';
import type { OpenJob } from './keyless/jobs.ts';
import { readLedger } from './ledger.ts';
import { askAgain, openRemote } from './open-remote.ts';
import { type BranchContext, readAsked, readBranch } from './read-branch.ts';
import { relevantTags } from './relevant-tags.ts';
import type { LibraryRules } from './rules.ts';
import { isPreview, isWanted, readPushes } from './signals.ts';
import type { TagFact } from './snapshot.ts';
import { watchRefs } from './watch-refs.ts';

export interface GatherContext {
  gitlab: GitLab;
  documents: Documents;
  rules: LibraryRules;
  /** CI jobs that wait for a version. */
  jobs: readonly OpenJob[];
}

const UNKNOWN = 'the repository does not have this commit any more';

/**
 * Reads everything that the decision on one library hangs on: its references in one request, and of each branch that has moved
 * the commit, its go.mod files, and how the tags stand to it. A default branch is always looked at; a release branch when it
 * was pushed to or is elsewhere than at the last look, because old ones are better left alone when the service is new.
 */
export async function gather(
  look: Look<LibraryMemory>,
  { gitlab, documents, rules, jobs: open }: GatherContext,
): Promise<LibraryFacts> {
  const { memory, signal, reasons } = look;
  const asked = isWanted(reasons);
  const jobs: JobFacts[] = open.map(job => ({ ...job, fault: null }));
  // Where jobs ask for versions and pushes do not, a branch's newest commit may not have passed its tests.
  const whole = rules.onPush || asked || isPreview(reasons);
  const project = await gitlab.projects.find(look.subject);
  const facts: LibraryFacts = {
    project: project?.path_with_namespace ?? look.subject,
    projectId: project?.id ?? 0,
    found: project !== null,
    archived: project?.archived ?? false,
    defaultBranch: '',
    tags: [],
    tagCount: 0,
    branches: [],
    releasing: [],
    removed: [],
    unseen: 0,
    own: [],
    jobs,
    asked,
  };
  if (!project || facts.archived) return facts;
  const ledger = await readLedger(documents, project.id);
  const remote = await openRemote(gitlab, facts.project, signal);
  const names = ledger.own.map(({ name }) => name);
  const refs = await askAgain(() => watchRefs(remote, ledger, { names, signal }));
  if (refs.defaultBranch === null) return facts;
  const pushes = readPushes(reasons);
  const tags = new Map<string, TagFact>();
  const burnt = refs.removed.map(({ name }) => name);
  const { policy } = rules;
  const { defaultBranch } = refs;
  const context: BranchContext = { remote, gitlab, project: facts.project, policy, defaultBranch, burnt, signal };
  for (const [branch, head] of [...refs.heads].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const hints = pushes.filter(push => push.branch === branch);
    const wanted = jobs.filter(job => job.branch === branch);
    const seen = memory?.heads[branch] ?? null;
    const moved = seen !== null && seen !== head;
    const rests = !whole || (branch !== defaultBranch && hints.length === 0 && !moved && !asked);
    if (rests && wanted.length === 0) continue;
    const states = hints.flatMap(hint => [...(seen === null ? [] : [hint.before]), hint.after]);
    const read = await readBranch(context, {
      branch,
      head,
      seen,
      hinted: states.filter(oid => oid !== null),
      since: memory?.lookedAt ?? null,
      asked: wanted.map(({ commit }) => commit),
      whole: !rests,
    });
    for (const tag of read.tags) tags.set(tag.name, tag);
    facts.branches.push(...read.facts);
    for (const job of wanted) if (read.unknown.includes(job.commit)) job.fault = UNKNOWN;
  }
  for (const job of jobs.filter(({ branch }) => !refs.heads.has(branch))) {
    const read = await readAsked(context, job.branch || null, job.commit);
    if (read === null) job.fault = UNKNOWN;
    for (const tag of read?.tags ?? []) tags.set(tag.name, tag);
    facts.branches.push(...(read?.facts ?? []));
  }
  return {
    ...facts,
    defaultBranch: refs.defaultBranch,
    tags: [...tags.values()],
    tagCount: refs.tagCount,
    releasing: [...refs.heads.keys()],
    removed: relevantTags(refs.removed, []),
    unseen: refs.unseen.length,
    own: ledger.own.filter(({ name, commit }) => refs.found.get(name) === commit),
  };
}
