import { z } from 'zod';
import { type GitLabApi, projectId, type Query, type WriteContext } from './gitlab-api.ts';
import { mergeRequestSchema, type Note, noteSchema, userSchema } from './schemas.ts';

const writtenIssueSchema = z.object({
  iid: z.number(),
  state: z.enum(['opened', 'closed']),
  title: z.string(),
  description: z.string().nullable(),
  labels: z.array(z.string()),
  web_url: z.string(),
  confidential: z.boolean().nullish(),
  closed_at: z.string().nullish(),
  created_at: z.string(),
  discussion_locked: z.boolean().nullish(),
  user_notes_count: z.number(),
  author: userSchema.pick({ id: true }).nullish(),
});
/** An issue with its text, for those who write issues. */
export type WrittenIssue = z.infer<typeof writtenIssueSchema>;

export interface NewIssue {
  title: string;
  description: string;
  /** One that does not exist is created by GitLab. */
  labels: readonly string[];
  confidential: boolean;
}

/** Issues that are written by us: found again, created, edited, commented. */
export function issueTextCalls(api: GitLabApi) {
  const issues = (project: string) => `/projects/${projectId(project)}/issues`;
  const at = (project: string, iid: number) => `${issues(project)}/${iid}`;
  return {
    /** Null where it does not exist, or the token may not see it. */
    find: (project: string, iid: number): Promise<WrittenIssue | null> =>
      api.find(writtenIssueSchema, at(project, iid)),

    /** Filters as in GitLab's list: `labels`, `author_id`, `state`, `created_after`, … */
    list: (project: string, query: Query): Promise<WrittenIssue[]> =>
      api.all(writtenIssueSchema, issues(project), query),

    /** Open ones with these words in title or description, at most so many. */
    search: async (project: string, words: string, most: number): Promise<WrittenIssue[]> =>
      api.get(writtenIssueSchema.array(), issues(project), { search: words, state: 'opened', per_page: most }),

    create: (project: string, issue: NewIssue, context?: WriteContext): Promise<WrittenIssue> => {
      const { title, description, labels, confidential } = issue;
      const body = { title, description, labels: labels.join(','), ...(confidential && { confidential }) };
      return api.write('POST', writtenIssueSchema, issues(project), body, context);
    },

    /** Sets what is given; the same twice changes nothing. */
    edit: (
      project: string,
      iid: number,
      changes: { description?: string; state_event?: 'close' | 'reopen' },
      context?: WriteContext,
    ): Promise<WrittenIssue> => api.write('PUT', writtenIssueSchema, at(project, iid), { ...changes }, context),

    /** An internal one is seen from the role Planner (before 17.7: Reporter) on. */
    createNote: (
      project: string,
      iid: number,
      { body, internal }: { body: string; internal: boolean },
      context?: WriteContext,
    ): Promise<Note> =>
      api.write('POST', noteSchema, `${at(project, iid)}/notes`, { body, ...(internal && { internal }) }, context),

    editNote: (project: string, iid: number, note: number, body: string, context?: WriteContext): Promise<Note> =>
      api.write('PUT', noteSchema, `${at(project, iid)}/notes/${note}`, { body }, context),

    /** Merge requests that close it, or have closed it. */
    closedBy: (project: string, iid: number) => api.all(mergeRequestSchema, `${at(project, iid)}/closed_by`),
  };
}
