import {
  getLicense,
  getSidekiq,
  getSnapshot,
  getUserAgentDetail,
  listProjectGroups,
  none,
  starProject,
} from '../api/extras.ts';
import { listProjectUsers } from '../api/members.ts';
import type { RouteLine } from './build-router.ts';

/** What no automation needs but clients and their test suites touch on the way. */
export const extraRoutes: RouteLine[] = [
  ['POST', '/projects/:id/star', starProject(true)],
  ['POST', '/projects/:id/unstar', starProject(false)],
  ['GET', '/projects/:id/users', listProjectUsers],
  ['GET', '/projects/:id/groups', listProjectGroups],
  ['GET', '/projects/:id/snapshot', getSnapshot],
  ['GET', '/projects/:id/issues/:iid/user_agent_detail', getUserAgentDetail],
  ['GET', '/projects/:id/events', none],
  ['GET', '/projects/:id/deploy_tokens', none],
  ['GET', '/groups/:id/deploy_tokens', none],
  ['GET', '/deploy_tokens', none, 'admin'],
  ['GET', '/topics', none],
  ['GET', '/events', none],
  ['GET', '/admin/ci/variables', none, 'admin'],
  ['GET', '/license', getLicense, 'admin'],
  ['GET', '/sidekiq/queue_metrics', getSidekiq('queues'), 'admin'],
  ['GET', '/sidekiq/process_metrics', getSidekiq('processes'), 'admin'],
  ['GET', '/sidekiq/job_stats', getSidekiq('jobs'), 'admin'],
  ['GET', '/sidekiq/compound_metrics', getSidekiq('queues', 'processes', 'jobs'), 'admin'],
];
