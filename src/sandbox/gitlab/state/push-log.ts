import type { RefUpdate } from '../../git/repository.ts';
import { pushedCommits, ZERO } from '../events/push-event.ts';
import type { Actor } from '../http/call.ts';
import type { ProjectRecord } from './records.ts';
import { nextId, now, type World } from './world.ts';

/** A push as the activity feed keeps it. */
export interface PushRecord {
  id: number;
  authorId: number;
  createdAt: string;
  action: 'created' | 'pushed' | 'removed';
  refType: 'branch' | 'tag';
  /** Null for a push of so many refs that GitLab keeps only their number. */
  ref: string | null;
  refCount: number | null;
  commitCount: number;
  from: string | null;
  to: string | null;
  title: string | null;
}

const logs = new WeakMap<ProjectRecord, PushRecord[]>();

/** Oldest first. */
export function pushLogOf(project: ProjectRecord): readonly PushRecord[] {
  return logs.get(project) ?? [];
}

/** Notes pushed refs in the activity feed: one entry each, or one for all of them when there are too many. */
export async function logPush(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  updates: readonly RefUpdate[],
  asOne: boolean,
): Promise<void> {
  const log = logs.get(project) ?? [];
  logs.set(project, log);
  for (const update of asOne ? updates.slice(0, 1) : updates) {
    const { commits, total } = asOne ? { commits: [], total: 0 } : await pushedCommits(project, update);
    log.push({
      id: nextId(world, 'events'),
      authorId: actor.user.id,
      createdAt: now(world),
      action: update.before === ZERO ? 'created' : update.after === ZERO ? 'removed' : 'pushed',
      refType: update.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
      ref: asOne ? null : update.ref.replace(/^refs\/(heads|tags)\//, ''),
      refCount: asOne ? updates.length : null,
      commitCount: total,
      from: asOne || update.before === ZERO ? null : update.before,
      to: asOne || update.after === ZERO ? null : update.after,
      title: commits.at(-1)?.message.split('\n', 1)[0]?.slice(0, 70) ?? null,
    });
  }
}
