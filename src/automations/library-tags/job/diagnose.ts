import { callGitLab, type GitLabAccess } from './gitlab-call.ts';
import type { Refusal } from './tag-update.ts';

/** Who started the pipeline: a job token has that person's rights. */
export interface Asker {
  login: string | null;
  projectUrl: string;
}

/**
 * What has to be changed so that the tag can be created, as exactly as the token lets one find out: one sentence for each
 * way there is. Asks GitLab about the token (`/personal_access_tokens/self`) and the project, and takes no answer for one.
 */
export async function diagnose(
  refusals: readonly Refusal[],
  access: GitLabAccess | null,
  kind: 'job' | 'access' | 'none',
  asker: Asker,
): Promise<string[]> {
  const rule = refusals.find(({ byRule }) => byRule);
  if (rule) return [ruleRemedy(rule, kind, asker)];
  if (kind === 'none') {
    return ['Give it a token: --token-file FILE, or one of SIGNALBOX_GITLAB_TOKEN, GITLAB_TOKEN, CI_JOB_TOKEN.'];
  }
  if (kind === 'job') return jobTokenRemedies(asker);
  const facts = access ? await readTokenFacts(access).catch(() => null) : null;
  return accessTokenRemedies(facts, refusals, asker);
}

function ruleRemedy({ tag, words }: Refusal, kind: 'job' | 'access' | 'none', { login, projectUrl }: Asker): string {
  const user = kind === 'job' ? `the user who started the pipeline (${login ?? 'unknown'})` : "the token's user";
  if (/protected/i.test(words)) {
    return (
      `A rule for protected tags covers ${tag}: at ${projectUrl}/-/settings/repository#js-protected-tags-settings ` +
      `let the role of ${user} create such tags, or use the token of somebody who may.`
    );
  }
  return `A hook or push rule of the server refuses ${tag} to ${user}: ${words}`;
}

function jobTokenRemedies({ login, projectUrl }: Asker): string[] {
  return [
    `A job token has the rights of the user who started the pipeline: ${login ?? 'this user'} needs the role Developer.`,
    `Allow pushes at ${projectUrl}/-/settings/ci_cd#js-token-access, "Allow Git push requests to the repository" ` +
      '(GitLab 17.2 and newer; such a push starts no pipeline). Where the Releases API was tried, it needs no setting.',
    'Or put a project access token (role Developer, scope write_repository) into the masked variable SIGNALBOX_GITLAB_TOKEN.',
  ];
}

interface TokenFacts {
  /** null: the token itself was refused. */
  scopes: string[] | null;
  active: boolean;
  expires: string | null;
  /** 30 is Developer; null where GitLab did not say. */
  role: number | null;
}

const DEVELOPER = 30;
const ROLES: Record<number, string> = { 0: 'no role', 5: 'Minimal Access', 10: 'Guest', 15: 'Planner', 20: 'Reporter' };

async function readTokenFacts(access: GitLabAccess): Promise<TokenFacts> {
  const self = await callGitLab(access, 'GET', '//personal_access_tokens/self');
  const project = await callGitLab(access, 'GET', '');
  const token = (self.body ?? {}) as Record<string, unknown>;
  const permissions = ((project.body ?? {}) as Record<string, unknown>)['permissions'];
  const scopes = token['scopes'];
  return {
    scopes: self.status === 200 && Array.isArray(scopes) ? scopes.filter(scope => typeof scope === 'string') : null,
    active: self.status !== 401,
    expires: typeof token['expires_at'] === 'string' ? token['expires_at'] : null,
    role: project.status === 200 ? roleOf(permissions) : project.status === 404 ? 0 : null,
  };
}

function roleOf(permissions: unknown): number | null {
  const levels = Object.values((permissions ?? {}) as Record<string, unknown>).map(
    access => ((access ?? {}) as Record<string, unknown>)['access_level'],
  );
  const numbers = levels.filter(level => typeof level === 'number');
  return numbers.length === 0 ? null : Math.max(...numbers);
}

function accessTokenRemedies(facts: TokenFacts | null, refusals: readonly Refusal[], { projectUrl }: Asker): string[] {
  if (facts && !facts.active) return ['The token is unknown, expired or revoked: make a new one.'];
  const remedies: string[] = [];
  if (facts?.scopes && !facts.scopes.some(scope => ['api', 'write_repository'].includes(scope))) {
    remedies.push(
      `The token has the scope ${facts.scopes.join(', ') || '(none)'}; it needs write_repository (or api). ` +
        'Scopes of a token cannot be changed: make a new one.',
    );
  }
  if (facts && facts.role !== null && facts.role < DEVELOPER) {
    const has = ROLES[facts.role] ?? `the access level ${facts.role}`;
    remedies.push(`The token's user has ${has} in ${projectUrl}; it needs the role Developer.`);
  }
  if (remedies.length > 0) return remedies;
  const words = refusals.map(({ way, words: said }) => `${way.title}: ${said}`).join(' · ');
  return [`The token needs the scope write_repository (or api) and its user the role Developer. GitLab said: ${words}`];
}
