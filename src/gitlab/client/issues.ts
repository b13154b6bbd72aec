import { z } from 'zod';
import { type GitLabApi, projectId, type Query, type WriteContext } from './gitlab-api.ts';
import { mergeRequestSchema, type Note, noteSchema, userSchema } from './schemas.ts';

const issueSchema = z.object({
  id: z.number(),
  iid: z.number(),
  state: z.enum(['opened', 'closed']),
  created_at: z.string(),
  labels: z.array(z.string()),
  web_url: z.string(),
  /** The global id of the issue that it has become in another project. */
  moved_to_id: z.number().nullish(),
});
export type Issue = z.infer<typeof issueSchema>;

/** A merge request with the times and the full name that linking it to an issue takes. */
const datedMergeRequestSchema = mergeRequestSchema.extend({
  created_at: z.string(),
  closed_at: z.string().nullish(),
  references: z.object({ full: z.string() }),
  merge_user: userSchema.pick({ id: true }).nullish(),
});
export type DatedMergeRequest = z.infer<typeof datedMergeRequestSchema>;

const labelEventSchema = z.object({
  id: z.number(),
  user: userSchema.pick({ id: true, username: true }).nullish(),
  created_at: z.string(),
  /** Null once the label has been deleted. */
  label: z.object({ name: z.string() }).nullish(),
  action: z.enum(['add', 'remove']),
});
export type LabelEvent = z.infer<typeof labelEventSchema>;

const labelSchema = z.object({ name: z.string() });

/** Issues, their labels, and the merge requests that speak of them. */
export function issueCalls(api: GitLabApi) {
  const at = (project: string, iid: number) => `/projects/${projectId(project)}/issues/${iid}`;
  return {
    /** Null where it does not exist, or the token may not see it. */
    find: (project: string, iid: number): Promise<Issue | null> => api.find(issueSchema, at(project, iid)),

    /** Issues by their numbers alone: `updated_after`, `state`, …, as in GitLab's list. */
    list: (project: string, query: Query): Promise<Issue[]> =>
      api.all(issueSchema, `/projects/${projectId(project)}/issues`, query),

    /** Who put which label on or took it off, oldest first. */
    labelEvents: async (project: string, iid: number): Promise<LabelEvent[]> => {
      const events = await api.all(labelEventSchema, `${at(project, iid)}/resource_label_events`);
      return events.toSorted((a, b) => a.id - b.id);
    },

    /** All that GitLab relates to it, those that only a comment mentions included. */
    relatedMergeRequests: (project: string, iid: number): Promise<DatedMergeRequest[]> =>
      api.all(datedMergeRequestSchema, `${at(project, iid)}/related_merge_requests`),

    findMergeRequest: (project: string, iid: number): Promise<DatedMergeRequest | null> =>
      api.find(datedMergeRequestSchema, `/projects/${projectId(project)}/merge_requests/${iid}`),

    /** What is said on it, oldest first; GitLab's own entries included. */
    notes: (project: string, iid: number): Promise<Note[]> =>
      api.all(noteSchema, `${at(project, iid)}/notes`, { order_by: 'created_at', sort: 'asc' }),

    createNote: (project: string, iid: number, body: string, context?: WriteContext): Promise<Note> =>
      api.write('POST', noteSchema, `${at(project, iid)}/notes`, { body }, context),

    /** The titles of all labels that issues of the project can have, those of its groups included. */
    labelTitles: async (project: string): Promise<string[]> => {
      const query = { include_ancestor_groups: true };
      const labels = await api.all(labelSchema, `/projects/${projectId(project)}/labels`, query);
      return labels.map(label => label.name);
    },

    /** One request, relative: labels that somebody else adds meanwhile stay. Mind that an unknown one in `add` is created. */
    change: (
      project: string,
      iid: number,
      change: { add: readonly string[]; remove: readonly string[]; reopen: boolean },
      context?: WriteContext,
    ): Promise<Issue> => {
      const { add, remove, reopen } = change;
      const body = {
        ...(reopen && { state_event: 'reopen' }),
        ...(add.length > 0 && { add_labels: add.join(',') }),
        ...(remove.length > 0 && { remove_labels: remove.join(',') }),
      };
      return api.write('PUT', issueSchema, at(project, iid), body, context);
    },
  };
}
