import { Router } from '../http/router.ts';
import { extraRoutes } from './extra-routes.ts';
import { instanceRoutes } from './instance-routes.ts';
import { issueRoutes } from './issues-routes.ts';
import { mergeRequestRoutes } from './merge-requests-routes.ts';
import { planningRoutes } from './planning-routes.ts';
import { projectRoutes } from './projects-routes.ts';
import { publishingRoutes } from './publishing-routes.ts';
import { repositoryRoutes } from './repository-routes.ts';

/**
 * The whole API. Reading a project, group or what is in it is open to anybody who may see it; everything else needs a
 * sign-in; `job` marks what a CI job token may call as well.
 */
export function buildRouter(): Router {
  const router = new Router();
  const lines = [
    ...instanceRoutes,
    ...projectRoutes,
    ...repositoryRoutes,
    ...mergeRequestRoutes,
    ...issueRoutes,
    ...planningRoutes,
    ...publishingRoutes,
    ...extraRoutes,
  ];
  for (const [method, path, handler, access] of lines) {
    const open = method === 'GET' && /^\/(projects|groups)(\/|$)/.test(path);
    router.add({
      method,
      path,
      handler,
      access: access === undefined || access === 'job' ? (open ? 'public' : 'user') : access,
      jobToken: access === 'job',
    });
  }
  return router;
}
