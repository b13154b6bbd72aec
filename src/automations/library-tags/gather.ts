import type { Look } from '../../engine/automation.ts';
import type { Documents } from '../../engine/documents/documents.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { LibraryFacts, LibraryMemory } from './facts.ts';
import { readLedger } from './ledger.ts';
import { openRemote } from './open-remote.ts';
import { readBranch } from './read-branch.ts';
import { relevantTags } from './relevant-tags.ts';
import type { LibraryRules } from './rules.ts';
import { isAsked, readPushes } from './signals.ts';
import type { TagFact } from './snapshot.ts';
import { watchRefs } from './watch-refs.ts';

export interface GatherContext {
  gitlab: GitLab;
  documents: Documents;
  rules: LibraryRules;
}

/**
 * Reads everything that the decision on one library hangs on: its references in one request, and of each branch that has moved
 * the commit, its go.mod files, and how the tags stand to it. A default branch is always looked at; a release branch when it
 * was pushed to or is elsewhere than at the last look, because old ones are better left alone when the service is new.
 */
export async function gather(
  look: Look<LibraryMemory>,
  { gitlab, documents, rules }: GatherContext,
): Promise<LibraryFacts> {
  const { memory, signal, reasons } = look;
  const asked = isAsked(reasons);
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
    asked,
  };
  if (!project || facts.archived) return facts;
  const ledger = await readLedger(documents, project.id);
  const remote = await openRemote(gitlab, facts.project, signal);
  const refs = await watchRefs(remote, ledger, { names: ledger.own.map(({ name }) => name), signal });
  if (refs.defaultBranch === null) return facts;
  const pushes = readPushes(reasons);
  const tags = new Map<string, TagFact>();
  for (const [branch, head] of [...refs.heads].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const hints = pushes.filter(push => push.branch === branch);
    const seen = memory?.heads[branch] ?? null;
    const moved = seen !== null && seen !== head;
    if (branch !== refs.defaultBranch && hints.length === 0 && !moved && !asked) continue;
    const states = hints.flatMap(hint => [...(seen === null ? [] : [hint.before]), hint.after]);
    const context = { remote, gitlab, project: facts.project, policy: rules.policy, defaultBranch: refs.defaultBranch };
    const read = await readBranch(
      { ...context, burnt: refs.removed.map(({ name }) => name), signal },
      { branch, head, seen, hinted: states.filter(oid => oid !== null), since: memory?.lookedAt ?? null },
    );
    for (const tag of read.tags) tags.set(tag.name, tag);
    facts.branches.push(read.facts);
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
