import { badParameter } from '../http/api-error.ts';
import type { Answer, Call } from '../http/call.ts';
import { oneOf, text } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { presentUserId } from '../present/user.ts';
import { projectOf } from '../state/access.ts';
import { type PushRecord, pushLogOf } from '../state/push-log.ts';
import type { ProjectRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';

const DAY = 24 * 60 * 60_000;
const ACTION_NAMES = { created: 'pushed new', pushed: 'pushed to', removed: 'deleted' } as const;

/** The activity feed, of which the sandbox keeps the pushes. `after` and `before` are days, and neither counts itself. */
export function listProjectEvents(call: Call): Answer {
  const project = projectOf(call);
  const { input, world } = call;
  const after = dayOf(text(input, 'after'));
  const before = dayOf(text(input, 'before'));
  const action = text(input, 'action');
  const target = text(input, 'target_type');
  const ascending = oneOf(input, 'sort', ['asc', 'desc']) === 'asc';
  const found = pushLogOf(project).filter(({ createdAt }) => {
    if ((action !== null && action !== 'pushed') || target !== null) return false;
    const at = Date.parse(createdAt);
    return (after === null || at >= after + DAY) && (before === null || at < before);
  });
  return offsetPage(call, ascending ? found : found.toReversed(), push => presentPush(world, project, push));
}

function presentPush(world: World, project: ProjectRecord, push: PushRecord): Record<string, unknown> {
  return {
    id: push.id,
    project_id: project.id,
    action_name: ACTION_NAMES[push.action],
    target_id: null,
    target_iid: null,
    target_type: null,
    author_id: push.authorId,
    target_title: null,
    created_at: push.createdAt,
    author: presentUserId(world, push.authorId),
    imported: false,
    imported_from: 'none',
    push_data: {
      commit_count: push.commitCount,
      action: push.action,
      ref_type: push.refType,
      commit_from: push.from,
      commit_to: push.to,
      ref: push.ref,
      commit_title: push.title,
      ref_count: push.refCount,
    },
    author_username: world.users.get(push.authorId)?.username ?? null,
  };
}

function dayOf(value: string | null): number | null {
  if (value === null) return null;
  const at = Date.parse(`${value.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(at)) throw badParameter('after is invalid');
  return at;
}
