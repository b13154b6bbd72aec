import { z } from 'zod';
import { type GitLabApi, projectId, type WriteContext } from './gitlab-api.ts';

const releaseSchema = z.object({
  tag_name: z.string(),
  name: z.string().nullish(),
  description: z.string().nullish(),
  /** Absent for who may not read the code. */
  commit: z.object({ id: z.string() }).nullish(),
});
export type Release = z.infer<typeof releaseSchema>;

/** Releases of tags that are there: none of these calls can make a tag, because none names a commit. */
export function releaseCalls(api: GitLabApi) {
  const at = (project: string) => `/projects/${projectId(project)}/releases`;
  return {
    find: (project: string, tag: string): Promise<Release | null> =>
      api.find(releaseSchema, `${at(project)}/${encodeURIComponent(tag)}`),

    /** GitLab takes the tag as it is, wherever it points, so compare `commit.id` of the answer. */
    create: (
      project: string,
      release: { tag_name: string; name: string; description: string },
      context?: WriteContext,
    ): Promise<Release> => api.write('POST', releaseSchema, at(project), release, context),
  };
}
