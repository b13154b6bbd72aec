import { boardCalls } from './boards.ts';
import { commitCalls } from './commits.ts';
import { GitLabApi, type GitLabOptions } from './gitlab-api.ts';
import { historyCalls } from './history.ts';
import { hookCalls } from './hooks.ts';
import { issueStateCalls } from './issue-states.ts';
import { issueTextCalls } from './issue-texts.ts';
import { issueCalls } from './issues.ts';
import { listProjects } from './list-projects.ts';
import { mergeRequestCalls } from './merge-requests.ts';
import { projectCalls } from './projects.ts';
import { proposalCalls } from './proposals.ts';
import { pushCalls } from './pushes.ts';
import { releaseCalls } from './releases.ts';
import { repositoryCalls } from './repository.ts';
import type { GitLabUser } from './schemas.ts';
import { uploadCalls } from './uploads.ts';

/** Everything we ask of one GitLab, with one token. */
export type GitLab = ReturnType<typeof createGitLab>;

/**
 * A client for the few calls that Signalbox needs, typed by schemas at the edge. It never sends a write twice; whoever writes
 * looks whether it has happened.
 */
export function createGitLab(options: GitLabOptions) {
  const api = new GitLabApi(options);
  const projects = projectCalls(api);
  let me: Promise<GitLabUser> | undefined;
  return {
    url: api.url,
    projects,
    mergeRequests: mergeRequestCalls(api),
    repository: repositoryCalls(api),
    hooks: hookCalls(api),
    issues: issueCalls(api),
    issueTexts: issueTextCalls(api),
    issueStates: issueStateCalls(api),
    commits: commitCalls(api),
    history: historyCalls(api),
    boards: boardCalls(api),
    releases: releaseCalls(api),
    pushes: pushCalls(api),
    proposals: proposalCalls(api),
    uploads: uploadCalls(api),
    /** The projects that a pattern such as `acme/lib-*` means. */
    projectsLike: (pattern: string) => listProjects(api, pattern),
    /** How git reaches a project over HTTP with this token: GitLab takes any user name with it. */
    gitAccess: (project: string) => ({
      url: `${api.url}/${project}.git`,
      credentials: { user: 'signalbox', token: options.token },
    }),
    /** Who the token is; asked once. What this user wrote is ours. */
    me: (): Promise<GitLabUser> => {
      me ??= projects.me().catch((error: unknown) => {
        me = undefined;
        throw error;
      });
      return me;
    },
    budget: api.http.budget,
    close: () => api.close(),
  };
}
