import { deleteIssueLink, getIssueLink, listIssueLinks, postIssueLink } from '../api/issue-links.ts';
import {
  getIssue,
  getIssueById,
  getStatistics,
  listAllIssues,
  listClosedBy,
  listGroupIssues,
  listIssueParticipants,
  listProjectIssues,
  listRelatedMergeRequests,
  postIssue,
  postMove,
  putIssue,
  removeIssue,
  subscribe,
} from '../api/issues.ts';
import { noteRoutes } from './notes-routes.ts';
import type { RouteLine } from './route-line.ts';

const one = '/projects/:id/issues/:iid';

export const issueRoutes: RouteLine[] = [
  ['GET', '/issues', listAllIssues],
  ['GET', '/issues/:id', getIssueById, 'admin'],
  ['GET', '/groups/:id/issues', listGroupIssues],
  ['GET', '/projects/:id/issues', listProjectIssues],
  ['POST', '/projects/:id/issues', postIssue],
  ['GET', '/projects/:id/issues_statistics', getStatistics],
  ['GET', one, getIssue],
  ['PUT', one, putIssue],
  ['DELETE', one, removeIssue],
  ['POST', `${one}/move`, postMove],
  ['POST', `${one}/subscribe`, subscribe(true)],
  ['POST', `${one}/unsubscribe`, subscribe(false)],
  ['GET', `${one}/participants`, listIssueParticipants],
  ['GET', `${one}/related_merge_requests`, listRelatedMergeRequests],
  ['GET', `${one}/closed_by`, listClosedBy],
  ['GET', `${one}/links`, listIssueLinks],
  ['POST', `${one}/links`, postIssueLink],
  ['GET', `${one}/links/:link_id`, getIssueLink],
  ['DELETE', `${one}/links/:link_id`, deleteIssueLink],
  ...noteRoutes('issue'),
];
