import type { Controlled } from '../control/control-routes.ts';
import type { Router } from './http/router.ts';
import type { World } from './state/world.ts';

export interface AnswerSeen {
  method: string;
  /** The route's template below /api/v4, e.g. `/projects/:id/issues`. */
  route: string;
  path: string;
  /** As it was sent, with its `?`; empty if there was none. */
  query: string;
  status: number;
  body: unknown;
  /** The version of GitLab this answer is one of. */
  version: string;
}

export interface Service {
  world: World;
  router: Router;
  control: Controlled;
  onAnswer?: ((answer: AnswerSeen) => void) | undefined;
}
