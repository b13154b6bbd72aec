import { z } from 'zod';
import { type GitLabApi, projectId } from './gitlab-api.ts';
import { userSchema } from './schemas.ts';

const stateEventSchema = z.object({
  id: z.number(),
  user: userSchema.pick({ id: true, username: true }).nullish(),
  created_at: z.string(),
  /** GitLab writes `closed`, `reopened` and `merged`; its documentation also shows `opened`. */
  state: z.enum(['opened', 'closed', 'reopened', 'merged']),
  /** What closed it, where no person did; older versions do not tell. The merge request by its global id. */
  source_commit: z.string().nullish(),
  source_merge_request_id: z.number().nullish(),
});
export type StateEvent = z.infer<typeof stateEventSchema>;

const systemNoteSchema = z.object({ id: z.number(), body: z.string(), system: z.boolean(), created_at: z.string() });
export type SystemNote = z.infer<typeof systemNoteSchema>;

type Kind = 'issues' | 'merge_requests';

/** What GitLab has written down about the past of an issue or merge request. */
export function historyCalls(api: GitLabApi) {
  const at = (kind: Kind, project: string, iid: number) => `/projects/${projectId(project)}/${kind}/${iid}`;
  return {
    /** Who closed, opened again or merged it when, oldest first. */
    stateEvents: async (kind: Kind, project: string, iid: number): Promise<StateEvent[]> => {
      const events = await api.all(stateEventSchema, `${at(kind, project, iid)}/resource_state_events`);
      return events.toSorted((a, b) => a.id - b.id);
    },

    /** What GitLab itself noted on it, oldest first; what people wrote is left out. */
    systemNotes: async (kind: Kind, project: string, iid: number): Promise<SystemNote[]> => {
      const query = { sort: 'asc', order_by: 'created_at', activity_filter: 'only_activity' };
      // Versions without the filter answer everything.
      const notes = await api.all(systemNoteSchema, `${at(kind, project, iid)}/notes`, query);
      return notes.filter(note => note.system);
    },
  };
}
