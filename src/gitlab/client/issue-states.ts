import { z } from 'zod';
import { type GitLabApi, projectId } from './gitlab-api.ts';

const issueStateSchema = z.object({
  id: z.number(),
  iid: z.number(),
  title: z.string(),
  state: z.enum(['opened', 'closed']),
  labels: z.array(z.string()),
  web_url: z.string(),
  confidential: z.boolean().nullish(),
  closed_at: z.string().nullish(),
  milestone: z.object({ title: z.string(), due_date: z.string().nullish() }).nullish(),
  /** The global id of the issue that it has become in another project. */
  moved_to_id: z.number().nullish(),
  _links: z.object({ closed_as_duplicate_of: z.string().nullish() }).nullish(),
});
/** How an issue stands, for those who tell somebody else about it. */
export type IssueState = z.infer<typeof issueStateSchema>;

export function issueStateCalls(api: GitLabApi) {
  return {
    /** Null where it does not exist, or the token may not see it. */
    find: (project: string, iid: number): Promise<IssueState | null> =>
      api.find(issueStateSchema, `/projects/${projectId(project)}/issues/${iid}`),
  };
}
