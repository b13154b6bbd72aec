import { z } from 'zod';
import { type GitLabApi, parseAnswer, projectId } from './gitlab-api.ts';

const datedCommitSchema = z.object({ id: z.string(), committed_date: z.string() });
export type DatedCommit = z.infer<typeof datedCommitSchema>;

const blameSchema = z.array(
  z.object({ commit: z.object({ id: z.string(), author_name: z.string(), authored_date: z.string().nullish() }) }),
);

/** Commits by whatever names them. */
export function commitCalls(api: GitLabApi) {
  return {
    /** By its id, the beginning of it, a tag or a branch; null where there is none. */
    find: (project: string, name: string): Promise<DatedCommit | null> =>
      api.find(datedCommitSchema, `/projects/${projectId(project)}/repository/commits/${encodeURIComponent(name)}`),

    /** The commit that last changed a line of a file; null where the line is not there. */
    blame: async (project: string, path: string, ref: string, line: number) => {
      const file = `/projects/${projectId(project)}/repository/files/${encodeURIComponent(path)}/blame`;
      const answer = await api.raw(file, { ref, 'range[start]': line, 'range[end]': line }, [400, 404]);
      if (answer.status !== 200) return null;
      return parseAnswer(blameSchema, file, answer)[0]?.commit ?? null;
    },
  };
}
