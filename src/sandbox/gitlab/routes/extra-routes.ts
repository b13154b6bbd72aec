import {
  deleteApprovalRule,
  getApprovalRule,
  listApprovalRules,
  postApprovalRule,
  putApprovalRule,
} from '../api/approval-rules.ts';
import {
  deleteDraftNote,
  getDraftNote,
  listDraftNotes,
  postDraftNote,
  publishDraftNote,
  publishDraftNotes,
  putDraftNote,
} from '../api/draft-notes.ts';
import { listProjectEvents } from '../api/events.ts';
import {
  getLicense,
  getSidekiq,
  getSnapshot,
  getUserAgentDetail,
  listProjectGroups,
  none,
  starProject,
} from '../api/extras.ts';
import {
  cloneIssue,
  getCommitSequence,
  getRawDiffs,
  getTagSignature,
  listCommitReplies,
  listReviewers,
  postMergeRequestPipeline,
  postTodo,
  reorderIssue,
  subscribeMergeRequest,
} from '../api/issuable-extras.ts';
import { listProjectUsers } from '../api/members.ts';
import { rotateProjectToken } from '../api/tokens.ts';
import type { RouteLine } from './route-line.ts';

const mergeRequest = '/projects/:id/merge_requests/:iid';
const draft = `${mergeRequest}/draft_notes/:draft_note_id`;
const commit = '/projects/:id/repository/commits/:sha';

/** What no automation needs but clients and their test suites touch on the way. */
export const extraRoutes: RouteLine[] = [
  ['GET', '/projects/:id/approval_rules', listApprovalRules],
  ['POST', '/projects/:id/approval_rules', postApprovalRule],
  ['GET', '/projects/:id/approval_rules/:rule_id', getApprovalRule],
  ['PUT', '/projects/:id/approval_rules/:rule_id', putApprovalRule],
  ['DELETE', '/projects/:id/approval_rules/:rule_id', deleteApprovalRule],
  ['POST', '/projects/:id/star', starProject(true)],
  ['POST', '/projects/:id/unstar', starProject(false)],
  ['GET', '/projects/:id/users', listProjectUsers],
  ['GET', '/projects/:id/groups', listProjectGroups],
  ['GET', '/projects/:id/snapshot', getSnapshot],
  ['GET', '/projects/:id/issues/:iid/user_agent_detail', getUserAgentDetail],
  ['POST', '/projects/:id/issues/:iid/todo', postTodo('issue')],
  ['POST', '/projects/:id/issues/:iid/clone', cloneIssue],
  ['PUT', '/projects/:id/issues/:iid/reorder', reorderIssue],
  ['POST', `${mergeRequest}/todo`, postTodo('merge_request')],
  ['POST', `${mergeRequest}/subscribe`, subscribeMergeRequest(true)],
  ['POST', `${mergeRequest}/unsubscribe`, subscribeMergeRequest(false)],
  ['POST', `${mergeRequest}/pipelines`, postMergeRequestPipeline],
  ['GET', `${mergeRequest}/reviewers`, listReviewers],
  ['GET', `${mergeRequest}/raw_diffs`, getRawDiffs],
  ['GET', `${mergeRequest}/draft_notes`, listDraftNotes],
  ['POST', `${mergeRequest}/draft_notes`, postDraftNote],
  ['POST', `${mergeRequest}/draft_notes/bulk_publish`, publishDraftNotes],
  ['GET', draft, getDraftNote],
  ['PUT', draft, putDraftNote],
  ['DELETE', draft, deleteDraftNote],
  ['PUT', `${draft}/publish`, publishDraftNote],
  ['GET', `${commit}/sequence`, getCommitSequence],
  ['GET', `${commit}/discussions/:discussion_id/notes`, listCommitReplies],
  ['GET', '/projects/:id/repository/tags/:tag_name/signature', getTagSignature],
  ['POST', '/projects/:id/access_tokens/:token_id/rotate', rotateProjectToken],
  ['GET', '/projects/:id/events', listProjectEvents],
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
