import { z } from 'zod';
import { type GitLabApi, projectId, type WriteContext } from './gitlab-api.ts';

const boardSchema = z
  .object({
    name: z.string().nullish(),
    lists: z.array(z.object({ label: z.object({ name: z.string() }).nullish(), position: z.number().nullish() })),
    /** Only there on paid tiers. */
    weight: z.unknown().optional(),
  })
  .transform(({ name, lists, weight }) => ({
    name: name ?? 'unnamed',
    /** The labels of its lists, from left to right. */
    labels: lists
      .toSorted((a, b) => (a.position ?? 0) - (b.position ?? 0))
      .flatMap(({ label }) => (label ? [label.name] : [])),
    paidTier: weight !== undefined,
  }));
export type Board = z.infer<typeof boardSchema>;

/** Issue boards as they are set up, and the labels that their lists stand for. */
export function boardCalls(api: GitLabApi) {
  return {
    ofProject: (project: string): Promise<Board[]> => api.all(boardSchema, `/projects/${projectId(project)}/boards`),

    /** None where the group does not exist, or the token may not look. */
    ofGroup: async (group: string): Promise<Board[]> => {
      const path = `/groups/${encodeURIComponent(group)}/boards`;
      const probe = await api.raw(path, { per_page: 1 }, [401, 403, 404]);
      return probe.status === 200 ? api.all(boardSchema, path) : [];
    },

    createLabel: (
      project: string,
      label: { name: string; color: string; description: string },
      context?: WriteContext,
    ): Promise<unknown> => api.write('POST', z.unknown(), `/projects/${projectId(project)}/labels`, label, context),
  };
}
