import { type GitLabApi, projectId, type Query, type WriteContext } from './gitlab-api.ts';
import {
  type Commit,
  commitSchema,
  type Discussion,
  diffSchema,
  discussionSchema,
  type MergeRequest,
  mergeRequestSchema,
  type Note,
  noteSchema,
} from './schemas.ts';
import { ShaCache } from './sha-cache.ts';

/** Lists of commits kept in memory. */
const COMMIT_LISTS = 500;

/** Merge requests and what is said on them. */
export function mergeRequestCalls(api: GitLabApi) {
  const at = (project: string, iid: number) => `/projects/${projectId(project)}/merge_requests/${iid}`;
  const commits = new ShaCache(COMMIT_LISTS);
  return {
    /** Null where it does not exist, or the token may not see it. */
    find: (project: string, iid: number): Promise<MergeRequest | null> =>
      api.find(mergeRequestSchema, at(project, iid)),

    /** Filters as in GitLab's list: `state`, `target_branch`, `updated_after`, … */
    list: (project: string, query: Query): Promise<MergeRequest[]> =>
      api.all(mergeRequestSchema, `/projects/${projectId(project)}/merge_requests`, query),

    /** Paths that the merge request changes, old and new names alike. */
    changedPaths: async (project: string, iid: number): Promise<string[]> => {
      const diffs = await api.all(diffSchema, `${at(project, iid)}/diffs`);
      return [...new Set(diffs.flatMap(diff => [diff.old_path, diff.new_path]))];
    },

    /** Its commits. `version` is whatever changes with them (head and time of the last change): each is asked for once. */
    commits: (project: string, iid: number, version: string): Promise<Commit[]> =>
      commits.get(`${project}!${iid} ${version}`, () => api.all(commitSchema, `${at(project, iid)}/commits`)),

    /** Those that a commit belongs to, or that made it when they were merged; none for a commit that is not there. */
    ofCommit: async (project: string, commit: string): Promise<MergeRequest[]> => {
      const path = `/projects/${projectId(project)}/repository/commits/${encodeURIComponent(commit)}/merge_requests`;
      return (await api.find(mergeRequestSchema.array(), path)) ?? [];
    },

    discussions: (project: string, iid: number): Promise<Discussion[]> =>
      api.all(discussionSchema, `${at(project, iid)}/discussions`),

    startDiscussion: (project: string, iid: number, body: string, context?: WriteContext): Promise<Discussion> =>
      api.write('POST', discussionSchema, `${at(project, iid)}/discussions`, { body }, context),

    reply: (project: string, iid: number, discussion: string, body: string, context?: WriteContext): Promise<Note> =>
      api.write('POST', noteSchema, `${at(project, iid)}/discussions/${discussion}/notes`, { body }, context),

    /** Resolving what is resolved already changes nothing. */
    setResolved: (project: string, iid: number, discussion: string, resolved: boolean, context?: WriteContext) =>
      api.write('PUT', discussionSchema, `${at(project, iid)}/discussions/${discussion}`, { resolved }, context),

    editNote: (project: string, iid: number, discussion: string, note: number, body: string, context?: WriteContext) =>
      api.write('PUT', noteSchema, `${at(project, iid)}/discussions/${discussion}/notes/${note}`, { body }, context),

    createNote: (project: string, iid: number, body: string, context?: WriteContext): Promise<Note> =>
      api.write('POST', noteSchema, `${at(project, iid)}/notes`, { body }, context),
  };
}
