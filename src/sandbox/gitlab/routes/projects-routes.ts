import { listHookEvents, resendHookEvent, testProjectHook } from '../api/hook-deliveries.ts';
import { deleteHook, deleteHookValue, getHook, listHooks, postHook, putHook, putHookValue } from '../api/hooks.ts';
import {
  archiveProject,
  forkProject,
  getProject,
  listForks,
  listLanguages,
  listProjects,
  postProject,
  putProject,
  removeProject,
} from '../api/projects.ts';
import { deleteStatusCheck, getStatusCheck, listStatusChecks, postStatusCheck } from '../api/status-checks.ts';
import { deleteProjectToken, getProjectToken, listProjectTokens, postProjectToken } from '../api/tokens.ts';
import { listProjectMembersRoutes } from './members-routes.ts';
import type { RouteLine } from './route-line.ts';

export const projectRoutes: RouteLine[] = [
  ['GET', '/projects', listProjects],
  ['POST', '/projects', postProject],
  ['GET', '/projects/:id', getProject, 'job'],
  ['PUT', '/projects/:id', putProject],
  ['DELETE', '/projects/:id', removeProject],
  ['POST', '/projects/:id/fork', forkProject],
  ['GET', '/projects/:id/forks', listForks],
  ['POST', '/projects/:id/archive', archiveProject(true)],
  ['POST', '/projects/:id/unarchive', archiveProject(false)],
  ['GET', '/projects/:id/languages', listLanguages],
  ...listProjectMembersRoutes,

  ['GET', '/projects/:id/access_tokens', listProjectTokens],
  ['POST', '/projects/:id/access_tokens', postProjectToken],
  ['GET', '/projects/:id/access_tokens/:token_id', getProjectToken],
  ['DELETE', '/projects/:id/access_tokens/:token_id', deleteProjectToken],

  ['GET', '/projects/:id/hooks', listHooks('project')],
  ['POST', '/projects/:id/hooks', postHook('project')],
  ['GET', '/projects/:id/hooks/:hook_id', getHook('project')],
  ['PUT', '/projects/:id/hooks/:hook_id', putHook('project')],
  ['DELETE', '/projects/:id/hooks/:hook_id', deleteHook('project')],
  ['PUT', '/projects/:id/hooks/:hook_id/custom_headers/:key', putHookValue('project', 'customHeaders')],
  ['DELETE', '/projects/:id/hooks/:hook_id/custom_headers/:key', deleteHookValue('project', 'customHeaders')],
  ['PUT', '/projects/:id/hooks/:hook_id/url_variables/:key', putHookValue('project', 'urlVariables')],
  ['DELETE', '/projects/:id/hooks/:hook_id/url_variables/:key', deleteHookValue('project', 'urlVariables')],
  ['GET', '/projects/:id/hooks/:hook_id/events', listHookEvents('project')],
  ['POST', '/projects/:id/hooks/:hook_id/events/:event_id/resend', resendHookEvent('project')],
  ['POST', '/projects/:id/hooks/:hook_id/test/:trigger', testProjectHook],
  ['GET', '/groups/:id/hooks/:hook_id/events', listHookEvents('group')],
  ['POST', '/groups/:id/hooks/:hook_id/events/:event_id/resend', resendHookEvent('group')],

  ['GET', '/projects/:id/external_status_checks', listStatusChecks],
  ['POST', '/projects/:id/external_status_checks', postStatusCheck],
  ['GET', '/projects/:id/external_status_checks/:check_id', getStatusCheck],
  ['DELETE', '/projects/:id/external_status_checks/:check_id', deleteStatusCheck],
];
