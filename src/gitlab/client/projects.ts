import { z } from 'zod';
import { type GitLabApi, parseAnswer, projectId, type WriteContext } from './gitlab-api.ts';
import {
  commitStatusSchema,
  externalStatusCheckSchema,
  memberSchema,
  type Project,
  type ProtectedTag,
  projectSchema,
  protectedTagSchema,
  tokenSchema,
  userSchema,
  versionSchema,
} from './schemas.ts';

export type CommitState = 'pending' | 'running' | 'success' | 'failed' | 'canceled';

/** Projects, people and the token itself. */
export function projectCalls(api: GitLabApi) {
  const at = (project: string) => `/projects/${projectId(project)}`;
  return {
    find: (project: string): Promise<Project | null> => api.find(projectSchema, at(project)),

    /** The access level (10 Guest … 30 Developer, 40 Maintainer, 50 Owner) through the project or its groups; 0 for no member. */
    accessLevel: async (project: string, user: number): Promise<number> => {
      const member = await api.find(memberSchema, `${at(project)}/members/all/${user}`);
      return member?.access_level ?? 0;
    },

    commitStatuses: (project: string, sha: string, name: string) =>
      api.all(commitStatusSchema, `${at(project)}/repository/commits/${sha}/statuses`, { name }),

    setCommitStatus: (
      project: string,
      sha: string,
      status: { state: CommitState; name: string; description: string; target_url?: string; ref?: string },
      context?: WriteContext,
    ) => api.write('POST', commitStatusSchema, `${at(project)}/statuses/${sha}`, status, context),

    /** External status checks of a merge request (Ultimate); null where the tier has none. */
    statusChecks: async (project: string, iid: number) => {
      const path = `${at(project)}/merge_requests/${iid}/status_checks`;
      const answer = await api.raw(path, {}, [401, 403, 404]);
      return answer.status === 200 ? parseAnswer(z.array(externalStatusCheckSchema), path, answer) : null;
    },

    answerStatusCheck: (
      project: string,
      iid: number,
      answer: { sha: string; external_status_check_id: number; status: 'passed' | 'failed' },
      context?: WriteContext,
    ) => api.write('POST', z.unknown(), `${at(project)}/merge_requests/${iid}/status_check_responses`, answer, context),

    /** The rules for protected tags; null where the token may not look: it needs Maintainer. */
    protectedTags: async (project: string): Promise<ProtectedTag[] | null> => {
      const path = `${at(project)}/protected_tags`;
      const probe = await api.raw(path, { per_page: 1 }, [401, 403, 404]);
      return probe.status === 200 ? api.all(protectedTagSchema, path) : null;
    },
    /** "All threads must be resolved": then an open thread holds up a merge. Needs Maintainer. */
    holdMergesByThreads: (project: string) =>
      api.write('PUT', z.unknown(), at(project), { only_allow_merge_if_all_discussions_are_resolved: true }),

    /** Whether the token sees a group of this path. */
    groupExists: async (group: string): Promise<boolean> =>
      (await api.find(z.unknown(), `/groups/${encodeURIComponent(group)}`, { with_projects: false })) !== null,

    version: async (): Promise<string> => (await api.get(versionSchema, '/version')).version,
    me: () => api.get(userSchema, '/user'),
    /** The token itself: scopes and end; null where GitLab does not tell (a job token, say). */
    token: () => api.find(tokenSchema, '/personal_access_tokens/self'),
  };
}
