import { z } from 'zod';
import { type GitLabApi, projectId } from './gitlab-api.ts';

const datedCommitSchema = z.object({ id: z.string(), committed_date: z.string() });
export type DatedCommit = z.infer<typeof datedCommitSchema>;

/** Commits by whatever names them. */
export function commitCalls(api: GitLabApi) {
  return {
    /** By its id, the beginning of it, a tag or a branch; null where there is none. */
    find: (project: string, name: string): Promise<DatedCommit | null> =>
      api.find(datedCommitSchema, `/projects/${projectId(project)}/repository/commits/${encodeURIComponent(name)}`),
  };
}
