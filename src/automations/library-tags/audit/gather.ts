import type { Look } from '../../../engine/automation.ts';
import type { Documents } from '../../../engine/documents/documents.ts';
import type { GitLab } from '../../../gitlab/client/create-gitlab.ts';
import { planStream } from '../decide.ts';
import { goLatest } from '../go-latest.ts';
import { decideUpdate, type ModuleDecision } from '../job/decide-update.ts';
import { readUpdate } from '../job/read-update.ts';
import { readLedger } from '../ledger.ts';
import { askAgain, openRemote } from '../open-remote.ts';
import type { LibraryRules } from '../rules.ts';
import { parseVersion } from '../semver.ts';
import { highestOf } from '../stream-tags.ts';
import { watchRefs } from '../watch-refs.ts';
import type { AuditedModule, AuditFacts } from './facts.ts';

export interface AuditContext {
  gitlab: GitLab;
  documents: Documents;
  rules: LibraryRules | null;
}

/** All tags of one library, held against what was ever seen of them and against what go makes of them. */
export async function gatherAudit(look: Look, { gitlab, documents, rules }: AuditContext): Promise<AuditFacts> {
  const facts: AuditFacts = {
    project: look.subject,
    projectId: 0,
    state: 'not configured',
    defaultBranch: '',
    head: '',
    headTime: 0,
    tagCount: 0,
    unseen: 0,
    moved: [],
    removed: [],
    modules: [],
  };
  if (!rules) return facts;
  const project = await gitlab.projects.find(look.subject);
  if (!project) return { ...facts, state: 'not found' };
  facts.projectId = project.id;
  if (project.archived) return { ...facts, state: 'archived' };
  const { signal } = look;
  const remote = await openRemote(gitlab, look.subject, signal);
  const known = await readLedger(documents, project.id);
  const refs = await askAgain(() => watchRefs(remote, known, { names: [], signal }));
  const branch = refs.defaultBranch;
  const head = branch === null ? undefined : refs.heads.get(branch);
  if (branch === null || head === undefined) return { ...facts, state: 'empty' };
  const update = await readUpdate(remote, head, { retry: askAgain, signal });
  const ledger = refs.removed.map(({ name }) => name);
  const query = {
    commit: head,
    branch,
    defaultBranch: branch,
    policy: rules.policy,
    mergeRequest: null,
    ledger,
    retry: askAgain,
    signal,
  };
  const decided = await decideUpdate(remote, update, query);
  return {
    ...facts,
    state: 'there',
    defaultBranch: branch,
    head,
    headTime: Number(/ (\d+) [+-]\d{4}$/.exec(update.commit.committer)?.[1] ?? 0) * 1000,
    tagCount: refs.tagCount,
    unseen: refs.unseen.length,
    moved: refs.moved.filter(({ name }) => isVersionTag(name)),
    removed: refs.removed.filter(({ name }) => isVersionTag(name)),
    modules: decided.map(each => auditModule(each, rules)),
  };
}

/** Tags such as `v1` or `latest` are moved on purpose; a version never is. */
function isVersionTag(name: string): boolean {
  const version = name.slice(name.lastIndexOf('/') + 1);
  return parseVersion(version.startsWith('v') ? version : `v${version}`) !== null;
}

function auditModule({ module, snapshot, decision }: ModuleDecision, rules: LibraryRules): AuditedModule {
  const plan = planStream(snapshot, rules.policy);
  const audited: AuditedModule = {
    path: module?.path ?? null,
    dir: module?.dir ?? '',
    fault: plan.kind === 'refuse' ? plan.reason : null,
    latest: module && goLatest(snapshot.tags, module),
    lookAlikes: [],
    unusable: [],
    notCommits: [],
    stray: null,
    due: decision.action === 'create' ? decision.tag : null,
  };
  if (plan.kind !== 'stream') return audited;
  const { own, later, lookAlikes } = plan.tags;
  const { majors } = plan.stream;
  const relationOf = (peeled: string) => (peeled === snapshot.commit ? 'same' : snapshot.relations[peeled]);
  const highest = highestOf(own.filter(({ peeled }) => relationOf(peeled) !== 'not-a-commit'));
  return {
    ...audited,
    lookAlikes: module ? lookAlikes.toSorted() : [],
    unusable: majors ? later.filter(({ version }) => !majors.includes(version.major)).map(({ name }) => name) : [],
    notCommits: own.filter(({ peeled }) => relationOf(peeled) === 'not-a-commit').map(({ name }) => name),
    stray: highest && relationOf(highest.peeled) === 'unrelated' ? highest.name : null,
  };
}
