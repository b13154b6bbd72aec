import { z } from 'zod';
import { type GitLabApi, projectId, type WriteContext } from './gitlab-api.ts';

const boardSchema = z
  .object({
    id: z.number(),
    name: z.string().nullish(),
    lists: z.array(
      z.object({ id: z.number(), label: z.object({ name: z.string() }).nullish(), position: z.number().nullish() }),
    ),
    /** Only there on paid tiers. */
    weight: z.unknown().optional(),
  })
  .transform(({ id, name, lists, weight }) => ({
    id,
    name: name ?? 'unnamed',
    /** The labels of its lists, from left to right. */
    labels: lists
      .toSorted((a, b) => (a.position ?? 0) - (b.position ?? 0))
      .flatMap(({ label }) => (label ? [label.name] : [])),
    /** Its lists by their label. */
    lists: new Map(lists.flatMap(({ id: list, label }) => (label ? [[label.name, list] as const] : []))),
    paidTier: weight !== undefined,
  }));
export type Board = z.infer<typeof boardSchema>;

const labelSchema = z.object({ id: z.number(), name: z.string() });
const madeSchema = z.object({ id: z.number() });

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

    /** The labels that a project may use, those of its groups included. */
    labels: (project: string) =>
      api.all(labelSchema, `/projects/${projectId(project)}/labels`, { include_ancestor_groups: true }),

    create: (project: string, name: string) =>
      api.write('POST', boardSchema, `/projects/${projectId(project)}/boards`, { name }),

    createList: (project: string, board: number, label: number) =>
      api.write('POST', madeSchema, `/projects/${projectId(project)}/boards/${board}/lists`, { label_id: label }),

    /** Counted from the left, from 0 on. */
    moveList: (project: string, board: number, list: number, position: number) =>
      api.write('PUT', z.unknown(), `/projects/${projectId(project)}/boards/${board}/lists/${list}`, { position }),

    createLabel: (
      project: string,
      label: { name: string; color: string; description: string },
      context?: WriteContext,
    ): Promise<unknown> => api.write('POST', z.unknown(), `/projects/${projectId(project)}/labels`, label, context),
  };
}
