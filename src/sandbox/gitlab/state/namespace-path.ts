import type { ProjectRecord } from './records.ts';
import type { World } from './world.ts';

export function namespacePath(world: World, namespace: ProjectRecord['namespace']): string {
  if (namespace.kind === 'group') return world.groups.get(namespace.groupId)?.fullPath ?? '';
  return world.users.get(namespace.userId)?.username ?? '';
}
