import { z } from 'zod';
import { type GitLabApi, projectId } from './gitlab-api.ts';

const pushEventSchema = z.object({
  created_at: z.string(),
  push_data: z
    .object({
      ref_type: z.string(),
      /** Null where so many refs were pushed at once that GitLab keeps only their number. */
      ref: z.string().nullish(),
      commit_to: z.string().nullish(),
    })
    .nullish(),
});

/** `after` leaves out its own day, in the time zone of the instance, which may be a day away from ours. */
const DAYS_BACK = 2 * 24 * 60 * 60_000;

/** GitLab's own feed of what was pushed, merges in the browser among it; it has also what no webhook told us. */
export function pushCalls(api: GitLabApi) {
  return {
    /** The commits that a branch was updated to since about this time (ms, a day or two earlier at most), oldest first. */
    to: async (project: string, branch: string, since: number): Promise<string[]> => {
      const after = new Date(since - DAYS_BACK).toISOString().slice(0, 10);
      const query = { action: 'pushed', after, sort: 'asc' };
      const events = await api.all(pushEventSchema, `/projects/${projectId(project)}/events`, query);
      return events.flatMap(({ push_data: push }) =>
        push?.ref_type === 'branch' && push.ref === branch && push.commit_to ? [push.commit_to] : [],
      );
    },
  };
}
