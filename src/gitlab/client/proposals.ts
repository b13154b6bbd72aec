import { z } from 'zod';
import { type GitLabApi, projectId, type WriteContext } from './gitlab-api.ts';
import { type MergeRequest, mergeRequestSchema } from './schemas.ts';

export interface FileChange {
  action: 'create' | 'update';
  file_path: string;
  content: string;
}

/** Changes that we propose to people: a branch of our own with one commit, and a merge request for it. */
export function proposalCalls(api: GitLabApi) {
  const at = (project: string) => `/projects/${projectId(project)}`;
  return {
    /** Makes the branch a single commit on top of `start`, whatever was on it before; so only ever for branches of our own. */
    commit: (
      project: string,
      change: { branch: string; start: string; message: string; files: readonly FileChange[] },
      context?: WriteContext,
    ): Promise<{ id: string }> => {
      const { branch, start, message, files } = change;
      const body = { branch, start_sha: start, force: true, commit_message: message, actions: files };
      return api.write('POST', z.object({ id: z.string() }), `${at(project)}/repository/commits`, body, context);
    },

    open: (
      project: string,
      request: { source_branch: string; target_branch: string; title: string; description: string },
      context?: WriteContext,
    ): Promise<MergeRequest> => {
      const body = { ...request, remove_source_branch: true };
      return api.write('POST', mergeRequestSchema, `${at(project)}/merge_requests`, body, context);
    },

    edit: (
      project: string,
      iid: number,
      text: { title: string; description: string },
      context?: WriteContext,
    ): Promise<MergeRequest> =>
      api.write('PUT', mergeRequestSchema, `${at(project)}/merge_requests/${iid}`, text, context),

    /** Closing what is closed changes nothing. */
    close: (project: string, iid: number, context?: WriteContext): Promise<MergeRequest> => {
      const body = { state_event: 'close' };
      return api.write('PUT', mergeRequestSchema, `${at(project)}/merge_requests/${iid}`, body, context);
    },
  };
}
