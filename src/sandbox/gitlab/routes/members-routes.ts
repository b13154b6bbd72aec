import { deleteMember, getMember, listMembers, postMember, putMember } from '../api/members.ts';
import type { RouteLine } from './route-line.ts';

/** `/members` are the direct ones, `/members/all` with those a group above brings in. */
function memberRoutes(kind: 'project' | 'group'): RouteLine[] {
  const base = `/${kind}s/:id/members`;
  return [
    ['GET', base, listMembers(kind, false)],
    ['POST', base, postMember(kind)],
    ['GET', `${base}/all`, listMembers(kind, true)],
    ['GET', `${base}/all/:user_id`, getMember(kind, true)],
    ['GET', `${base}/:user_id`, getMember(kind, false)],
    ['PUT', `${base}/:user_id`, putMember(kind)],
    ['DELETE', `${base}/:user_id`, deleteMember(kind)],
  ];
}

export const listProjectMembersRoutes: RouteLine[] = memberRoutes('project');
export const listGroupMembersRoutes: RouteLine[] = memberRoutes('group');
