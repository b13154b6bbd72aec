import type { AuditedModule, AuditFacts } from '../../automations/library-tags/audit/facts.ts';
import { gatherAudit } from '../../automations/library-tags/audit/gather.ts';
import { listNames } from '../../automations/library-tags/list-names.ts';
import { type LibraryRules, rulesOf } from '../../automations/library-tags/rules.ts';
import type { LibraryTagsSettings } from '../../automations/library-tags/settings.ts';
import { noDocuments } from '../../engine/documents/documents.ts';
import { SignalboxError } from '../../errors.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { Project, ProtectedTag } from '../../gitlab/client/schemas.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { remedy } from './remedies.ts';

/** The libraries that a configuration means, with their rules; patterns that mean none are checks that failed. */
export async function findLibraries(
  gitlab: GitLab,
  settings: LibraryTagsSettings,
): Promise<{ libraries: Map<string, LibraryRules>; checks: Check[] }> {
  const libraries = new Map<string, LibraryRules>();
  const checks: Check[] = [];
  for (const pattern of settings.projects) {
    const found = await gitlab.projectsLike(pattern);
    for (const { path_with_namespace: path } of found) {
      const rules = rulesOf(settings, path);
      if (rules) libraries.set(path, rules);
    }
    if (found.length > 0) continue;
    checks.push(fail(`library_tags ${pattern}`, 'the bot sees no project that matches', remedy('no library')));
  }
  return { libraries, checks };
}

export interface LibraryToCheck {
  found: Project;
  rules: LibraryRules;
  /** Whether jobs of protected branches alone get tags by their id_tokens. */
  needsProtectedBranch: boolean;
}

/** What library tags need of a library: a branch, the right to create the next tag, and versions that go can use. */
export async function checkLibrary(
  gitlab: GitLab,
  opsGitlab: GitLab | undefined,
  { found, rules, needsProtectedBranch }: LibraryToCheck,
): Promise<Check[]> {
  const path = found.path_with_namespace;
  const { signal } = new AbortController();
  const key = `library-audit:${path}`;
  const look = { key, subject: path, reasons: [], memory: null, chain: null, signal, now: Date.now };
  let audit: AuditFacts;
  try {
    audit = await gatherAudit(look, { gitlab, documents: noDocuments(), rules });
  } catch (error) {
    if (!(error instanceof SignalboxError)) throw error;
    return [fail(`${path} repository`, error.detail, remedy('repository unreadable'))];
  }
  if (audit.state !== 'there') {
    return [warn(`${path} default branch`, `the project is ${audit.state}`, remedy('no default branch'))];
  }
  const checks = [await checkBranch(gitlab, audit, needsProtectedBranch)];
  checks.push(await checkProtectedTags(gitlab, opsGitlab, audit));
  for (const module of audit.modules) checks.push(...checkModule(audit, module));
  return checks;
}

async function checkBranch(
  gitlab: GitLab,
  { project, defaultBranch }: AuditFacts,
  needsProtection: boolean,
): Promise<Check> {
  const name = `${project} default branch`;
  const branch = needsProtection ? await gitlab.repository.findBranch(project, defaultBranch) : null;
  if (branch?.protected !== false) return ok(name, defaultBranch);
  return fail(name, `${defaultBranch} is not protected`, remedy('branch unprotected', { branch: defaultBranch }));
}

/** A rule for protected tags may keep the bot from creating exactly the tags that it is there for. */
async function checkProtectedTags(gitlab: GitLab, opsGitlab: GitLab | undefined, audit: AuditFacts): Promise<Check> {
  const { project } = audit;
  const name = `${project} protected tags`;
  const rules = await (opsGitlab ?? gitlab).projects.protectedTags(project);
  if (rules === null) {
    return warn(name, 'the rules cannot be looked at', remedy('tag rules unseen'));
  }
  const me = (await gitlab.me()).id;
  const level = await gitlab.projects.accessLevel(project, me);
  const tags = [...new Set(audit.modules.map(module => module.due ?? exampleOf(module)))];
  for (const tag of tags) {
    const covering = rules.filter(rule => covers(rule.name, tag));
    const verdict = mayCreate(covering, { me, level });
    if (verdict === 'yes') continue;
    const which = covering.map(rule => rule.name).join(', ');
    const what = remedy('tags protected', { rules: which });
    if (verdict === 'no') return fail(name, `${which} keeps the bot from creating ${tag}`, what);
    return warn(name, `whether the bot is in a group that may create ${which} cannot be seen`, what);
  }
  return ok(name, tags.length === 0 ? 'nothing to protect yet' : `the bot may create ${listNames(tags)}`);
}

function exampleOf({ dir, latest }: AuditedModule): string {
  return latest ?? `${dir === '' ? '' : `${dir}/`}v0.0.1`;
}

/** GitLab's wildcard: `*` is anything, slashes too. */
function covers(wildcard: string, tag: string): boolean {
  const source = wildcard
    .split('*')
    .map(part => part.replace(/[.\\+?^${}()|[\]]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`).test(tag);
}

/** Any rule that lets somebody create a tag is enough, whatever others say. */
function mayCreate(
  rules: readonly ProtectedTag[],
  { me, level }: { me: number; level: number },
): 'yes' | 'no' | 'unknown' {
  const entries = rules.flatMap(rule => rule.create_access_levels);
  if (rules.length === 0) return 'yes';
  const isMine = entries.some(
    entry =>
      entry.user_id === me ||
      (!entry.user_id &&
        !entry.group_id &&
        !entry.deploy_key_id &&
        entry.access_level !== null &&
        entry.access_level > 0 &&
        level >= entry.access_level),
  );
  if (isMine) return 'yes';
  return entries.some(entry => entry.group_id) ? 'unknown' : 'no';
}

/** What go makes of a module's tags. */
function checkModule({ project, defaultBranch }: AuditFacts, module: AuditedModule): Check[] {
  const { dir, path, fault, latest, lookAlikes, unusable, notCommits, stray } = module;
  const where = dir === '' ? project : `${project} ${dir}`;
  const named = path ?? project;
  const checks: Check[] = [];
  if (fault !== null) {
    checks.push(fail(`${where} module path`, fault, remedy('module path')));
  } else if (path !== null) checks.push(ok(`${where} module path`, path));
  const findings = [
    [lookAlikes, 'go does not see', remedy('look-alike tags')],
    [unusable, `with the module path ${named} go ignores`, remedy('ignored tags')],
    [notCommits, 'go fails on what is no commit:', remedy('tags of no commit')],
    [
      stray === null ? [] : [stray],
      `not contained in ${defaultBranch}, and what go gives for @latest:`,
      remedy('stray version', { branch: defaultBranch }),
    ],
  ] as const;
  for (const [names, words, what] of findings) {
    if (names.length > 0) checks.push(warn(`${where} versions`, `${words} ${listNames(names)}`, what));
  }
  if (checks.some(check => check.name.endsWith(' versions'))) return checks;
  return [...checks, ok(`${where} versions`, latest ?? (path === null ? 'as they should be' : 'there is none yet'))];
}
