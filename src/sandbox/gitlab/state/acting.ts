import { AsyncLocalStorage } from 'node:async_hooks';
import type { Actor } from '../http/call.ts';
import { findUser } from './people.ts';
import type { ProjectRecord } from './records.ts';
import type { World } from './world.ts';

/** Who moves a ref through the REST API: git tells its listeners only the user of a push over HTTP. */
const current = new AsyncLocalStorage<Actor>();

/** Runs a git write so that the push event it causes names this actor. */
export function actingAs<T>(actor: Actor, write: () => Promise<T>): Promise<T> {
  return current.run(actor, write);
}

export function pusherOf(world: World, project: ProjectRecord, by: string | null): Actor {
  const known = current.getStore();
  if (by === null && known !== undefined) return known;
  const user = by === null ? null : findUser(world, by);
  return { user: user ?? world.users.get(project.creatorId)!, eventUuid: null };
}
