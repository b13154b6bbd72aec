import {
  approve,
  cancelAutoMerge,
  getApprovals,
  getMergeRef,
  listClosesIssues,
  listRelatedIssues,
  putMerge,
  putRebase,
  resetApprovals,
  unapprove,
} from '../api/merge.ts';
import {
  deleteMergeRequest,
  getMergeRequest,
  getMergeRequestChanges,
  getMergeRequestVersion,
  listAllMergeRequests,
  listGroupMergeRequests,
  listMergeRequestCommits,
  listMergeRequestDiffs,
  listMergeRequestPipelines,
  listMergeRequestVersions,
  listParticipants,
  listProjectMergeRequests,
  postMergeRequest,
  putMergeRequest,
} from '../api/merge-requests.ts';
import { listMergeRequestChecks, postCheckResponse } from '../api/status-checks.ts';
import { noteRoutes } from './notes-routes.ts';
import type { RouteLine } from './route-line.ts';

const one = '/projects/:id/merge_requests/:iid';

export const mergeRequestRoutes: RouteLine[] = [
  ['GET', '/merge_requests', listAllMergeRequests],
  ['GET', '/groups/:id/merge_requests', listGroupMergeRequests],
  ['GET', '/projects/:id/merge_requests', listProjectMergeRequests],
  ['POST', '/projects/:id/merge_requests', postMergeRequest],
  ['GET', one, getMergeRequest, 'job'],
  ['PUT', one, putMergeRequest],
  ['DELETE', one, deleteMergeRequest],
  ['PUT', `${one}/merge`, putMerge],
  ['POST', `${one}/cancel_merge_when_pipeline_succeeds`, cancelAutoMerge],
  ['PUT', `${one}/cancel_merge_when_pipeline_succeeds`, cancelAutoMerge],
  ['GET', `${one}/merge_ref`, getMergeRef],
  ['PUT', `${one}/rebase`, putRebase],
  ['GET', `${one}/commits`, listMergeRequestCommits],
  ['GET', `${one}/changes`, getMergeRequestChanges],
  ['GET', `${one}/diffs`, listMergeRequestDiffs],
  ['GET', `${one}/versions`, listMergeRequestVersions],
  ['GET', `${one}/versions/:version_id`, getMergeRequestVersion],
  ['GET', `${one}/participants`, listParticipants],
  ['GET', `${one}/pipelines`, listMergeRequestPipelines],
  ['GET', `${one}/closes_issues`, listClosesIssues],
  ['GET', `${one}/related_issues`, listRelatedIssues],
  ['GET', `${one}/approvals`, getApprovals],
  ['POST', `${one}/approve`, approve],
  ['POST', `${one}/unapprove`, unapprove],
  ['PUT', `${one}/reset_approvals`, resetApprovals],
  ['GET', `${one}/status_checks`, listMergeRequestChecks],
  ['POST', `${one}/status_check_responses`, postCheckResponse],
  ...noteRoutes('merge_request'),
];
