import { deleteApplication, listApplications, postApplication } from '../api/applications.ts';
import { deleteGroup, getGroup, listGroups, listSubgroups, postGroup, putGroup } from '../api/groups.ts';
import { testSystemHook } from '../api/hook-deliveries.ts';
import { deleteHook, getHook, listHooks, postHook, putHook } from '../api/hooks.ts';
import {
  getMetadata,
  getNamespace,
  getSettings,
  getVersion,
  listNamespaces,
  namespaceExists,
  putSettings,
  renderMarkdown,
  setFeature,
} from '../api/instance.ts';
import { listGroupProjects, listUserProjects } from '../api/projects.ts';
import { deleteTokenSelf, getTokenSelf, listTokens, postImpersonationToken } from '../api/tokens.ts';
import { changeUserState, deleteUser, getCurrentUser, getUser, listUsers, postUser, putUser } from '../api/users.ts';
import { listGroupMembersRoutes } from './members-routes.ts';
import type { RouteLine } from './route-line.ts';

export const instanceRoutes: RouteLine[] = [
  ['GET', '/version', getVersion],
  ['GET', '/metadata', getMetadata],
  ['GET', '/application/settings', getSettings, 'admin'],
  ['PUT', '/application/settings', putSettings, 'admin'],
  ['GET', '/applications', listApplications, 'admin'],
  ['POST', '/applications', postApplication, 'admin'],
  ['DELETE', '/applications/:application_id', deleteApplication, 'admin'],
  ['POST', '/features/:name', setFeature, 'admin'],
  ['POST', '/markdown', renderMarkdown],
  ['GET', '/namespaces', listNamespaces],
  ['GET', '/namespaces/:id', getNamespace],
  ['GET', '/namespaces/:id/exists', namespaceExists],

  ['GET', '/user', getCurrentUser],
  ['GET', '/users', listUsers],
  ['POST', '/users', postUser, 'admin'],
  ['GET', '/users/:id', getUser],
  ['PUT', '/users/:id', putUser, 'admin'],
  ['DELETE', '/users/:id', deleteUser, 'admin'],
  ['POST', '/users/:id/block', changeUserState(['active', 'deactivated'], 'blocked'), 'admin'],
  ['POST', '/users/:id/unblock', changeUserState(['blocked'], 'active'), 'admin'],
  ['POST', '/users/:id/ban', changeUserState(['active'], 'banned'), 'admin'],
  ['POST', '/users/:id/unban', changeUserState(['banned'], 'active'), 'admin'],
  ['POST', '/users/:id/personal_access_tokens', postImpersonationToken, 'admin'],
  ['POST', '/users/:id/impersonation_tokens', postImpersonationToken, 'admin'],
  ['GET', '/users/:id/projects', listUserProjects],
  ['GET', '/personal_access_tokens', listTokens],
  ['GET', '/personal_access_tokens/self', getTokenSelf],
  ['DELETE', '/personal_access_tokens/self', deleteTokenSelf],

  ['GET', '/hooks', listHooks('system'), 'admin'],
  ['POST', '/hooks', postHook('system'), 'admin'],
  ['GET', '/hooks/:hook_id', getHook('system'), 'admin'],
  ['PUT', '/hooks/:hook_id', putHook('system'), 'admin'],
  ['POST', '/hooks/:hook_id', testSystemHook, 'admin'],
  ['DELETE', '/hooks/:hook_id', deleteHook('system'), 'admin'],

  ['GET', '/groups', listGroups],
  ['POST', '/groups', postGroup],
  ['GET', '/groups/:id', getGroup],
  ['PUT', '/groups/:id', putGroup],
  ['DELETE', '/groups/:id', deleteGroup],
  ['GET', '/groups/:id/projects', listGroupProjects],
  ['GET', '/groups/:id/subgroups', listSubgroups],
  ['GET', '/groups/:id/hooks', listHooks('group')],
  ['POST', '/groups/:id/hooks', postHook('group')],
  ['GET', '/groups/:id/hooks/:hook_id', getHook('group')],
  ['PUT', '/groups/:id/hooks/:hook_id', putHook('group')],
  ['DELETE', '/groups/:id/hooks/:hook_id', deleteHook('group')],
  ...listGroupMembersRoutes,
];
