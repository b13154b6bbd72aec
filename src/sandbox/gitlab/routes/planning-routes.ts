import {
  deleteBoard,
  deleteList,
  getBoard,
  getList,
  listBoards,
  listLists,
  postBoard,
  postList,
  putBoard,
  putList,
} from '../api/boards.ts';
import { getLabel, listLabels, postLabel, promoteLabel, putLabel, removeLabel, subscribeLabel } from '../api/labels.ts';
import {
  deleteMilestone,
  getMilestone,
  listMilestoneItems,
  listMilestones,
  postMilestone,
  promoteMilestone,
  putMilestone,
} from '../api/milestones.ts';
import type { RouteLine } from './route-line.ts';

/** Labels, boards and milestones, which projects and groups have alike. */
function planningRoutesOf(scope: 'project' | 'group'): RouteLine[] {
  const base = `/${scope}s/:id`;
  const board = `${base}/boards/:board_id`;
  const milestone = `${base}/milestones/:milestone_id`;
  return [
    ['GET', `${base}/labels`, listLabels(scope)],
    ['POST', `${base}/labels`, postLabel(scope)],
    ['PUT', `${base}/labels`, putLabel(scope)],
    ['DELETE', `${base}/labels`, removeLabel(scope)],
    ['GET', `${base}/labels/:label`, getLabel(scope)],
    ['PUT', `${base}/labels/:label`, putLabel(scope)],
    ['DELETE', `${base}/labels/:label`, removeLabel(scope)],
    ['POST', `${base}/labels/:label/subscribe`, subscribeLabel(scope, true)],
    ['POST', `${base}/labels/:label/unsubscribe`, subscribeLabel(scope, false)],

    ['GET', `${base}/boards`, listBoards(scope)],
    ['POST', `${base}/boards`, postBoard(scope)],
    ['GET', board, getBoard(scope)],
    ['PUT', board, putBoard(scope)],
    ['DELETE', board, deleteBoard(scope)],
    ['GET', `${board}/lists`, listLists(scope)],
    ['POST', `${board}/lists`, postList(scope)],
    ['GET', `${board}/lists/:list_id`, getList(scope)],
    ['PUT', `${board}/lists/:list_id`, putList(scope)],
    ['DELETE', `${board}/lists/:list_id`, deleteList(scope)],

    ['GET', `${base}/milestones`, listMilestones(scope)],
    ['POST', `${base}/milestones`, postMilestone(scope)],
    ['GET', milestone, getMilestone(scope)],
    ['PUT', milestone, putMilestone(scope)],
    ['DELETE', milestone, deleteMilestone(scope)],
    ['GET', `${milestone}/issues`, listMilestoneItems(scope, 'issues')],
    ['GET', `${milestone}/merge_requests`, listMilestoneItems(scope, 'mergeRequests')],
  ];
}

export const planningRoutes: RouteLine[] = [
  ...planningRoutesOf('project'),
  ...planningRoutesOf('group'),
  ['PUT', '/projects/:id/labels/:label/promote', promoteLabel],
  ['POST', '/projects/:id/milestones/:milestone_id/promote', promoteMilestone],
];
