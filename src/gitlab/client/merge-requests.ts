import { type GitLabApi, projectId, type Query, type WriteContext } from './gitlab-api.ts';
import {
  type Discussion,
  diffSchema,
  discussionSchema,
  type MergeRequest,
  mergeRequestSchema,
  type Note,
  noteSchema,
} from './schemas.ts';

/** Merge requests and what is said on them. */
export function mergeRequestCalls(api: GitLabApi) {
  const at = (project: string, iid: number) => `/projects/${projectId(project)}/merge_requests/${iid}`;
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
