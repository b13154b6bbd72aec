import { z } from 'zod';
import { type GitLabApi, projectId } from './gitlab-api.ts';

const listedProjectSchema = z.object({
  id: z.number(),
  path_with_namespace: z.string(),
  archived: z.boolean().optional(),
});
export type ListedProject = z.infer<typeof listedProjectSchema>;

/**
 * The projects whose paths match one of our patterns (`acme/lib-*`, where `*` is anything but a slash), without archived ones.
 * Only the group before the first `*` is listed; where that is a person's namespace or there is none, what the token is
 * a member of is looked through.
 */
export async function listProjects(api: GitLabApi, pattern: string): Promise<ListedProject[]> {
  const matches = (list: readonly ListedProject[]): ListedProject[] =>
    list.filter(each => each.archived !== true && matchesPattern(each.path_with_namespace, pattern));
  if (!pattern.includes('*')) {
    const project = await api.find(listedProjectSchema, `/projects/${projectId(pattern)}`);
    return project ? matches([project]) : [];
  }
  const query = { simple: true, archived: false, order_by: 'id', sort: 'asc' } as const;
  const group = pattern.slice(0, pattern.indexOf('*')).split('/').slice(0, -1).join('/');
  if (group !== '' && (await api.find(z.object({ id: z.number() }), `/groups/${projectId(group)}`)) !== null) {
    const below = { ...query, include_subgroups: true };
    return matches(await api.all(listedProjectSchema, `/groups/${projectId(group)}/projects`, below));
  }
  return matches(await api.all(listedProjectSchema, '/projects', { ...query, membership: true }));
}

/** Whether a project's path is meant by a pattern; GitLab's paths do not distinguish case. */
export function matchesPattern(path: string, pattern: string): boolean {
  const source = pattern
    .split('*')
    .map(part => part.replace(/[.\\+?^${}()|[\]]/g, '\\$&'))
    .join('[^/]*');
  return new RegExp(`^${source}$`, 'i').test(path);
}
