import { ARCHIVE_FORMATS, getArchive } from '../api/archive.ts';
import { deleteBranch, deleteMergedBranches, getBranch, listBranches, postBranch } from '../api/branches.ts';
import {
  deleteCommitReply,
  getCommitDiscussion,
  getCommitReply,
  getSignature,
  listComments,
  listCommitDiscussions,
  postComment,
  postCommitDiscussion,
  postCommitReply,
  putCommitReply,
} from '../api/commit-notes.ts';
import {
  applyCommit,
  compare,
  getCommit,
  getCommitDiff,
  getCommitMergeRequests,
  getCommitRefs,
  listCommits,
  mergeBase,
  postCommit,
} from '../api/commits.ts';
import { getBlame, getFile, getRawFile, writeFile } from '../api/files.ts';
import { getBlob, getTree, listContributors } from '../api/repository.ts';
import { getPipeline, listPipelines, listStatuses, postStatus } from '../api/statuses.ts';
import { deleteTag, getTag, listTags, postTag } from '../api/tags.ts';
import type { RouteLine } from './route-line.ts';

const repository = '/projects/:id/repository';
const commit = `${repository}/commits/:sha`;
const thread = `${commit}/discussions/:discussion_id`;

export const repositoryRoutes: RouteLine[] = [
  ['GET', `${repository}/branches`, listBranches],
  ['POST', `${repository}/branches`, postBranch],
  ['GET', `${repository}/branches/:branch`, getBranch],
  ['DELETE', `${repository}/branches/:branch`, deleteBranch],
  ['DELETE', `${repository}/merged_branches`, deleteMergedBranches],

  ['GET', `${repository}/files/:file_path`, getFile],
  ['GET', `${repository}/files/:file_path/raw`, getRawFile],
  ['GET', `${repository}/files/:file_path/blame`, getBlame],
  ['POST', `${repository}/files/:file_path`, writeFile('create')],
  ['PUT', `${repository}/files/:file_path`, writeFile('update')],
  ['DELETE', `${repository}/files/:file_path`, writeFile('delete')],
  ['GET', `${repository}/tree`, getTree],
  ['GET', `${repository}/blobs/:sha`, getBlob(false)],
  ['GET', `${repository}/blobs/:sha/raw`, getBlob(true)],
  ['GET', `${repository}/contributors`, listContributors],
  ['GET', `${repository}/archive`, getArchive('tar.gz')],
  ...Object.entries(ARCHIVE_FORMATS).map(
    ([suffix, format]): RouteLine => ['GET', `${repository}/archive.${suffix}`, getArchive(format)],
  ),

  ['GET', `${repository}/commits`, listCommits],
  ['POST', `${repository}/commits`, postCommit],
  ['GET', commit, getCommit, 'job'],
  ['GET', `${commit}/diff`, getCommitDiff],
  ['GET', `${commit}/refs`, getCommitRefs],
  ['GET', `${commit}/merge_requests`, getCommitMergeRequests, 'job'],
  ['POST', `${commit}/cherry_pick`, applyCommit('cherryPick')],
  ['POST', `${commit}/revert`, applyCommit('revert')],
  ['GET', `${commit}/statuses`, listStatuses],
  ['GET', `${commit}/comments`, listComments],
  ['POST', `${commit}/comments`, postComment],
  ['GET', `${commit}/signature`, getSignature],
  ['GET', `${commit}/discussions`, listCommitDiscussions],
  ['POST', `${commit}/discussions`, postCommitDiscussion],
  ['GET', thread, getCommitDiscussion],
  ['POST', `${thread}/notes`, postCommitReply],
  ['GET', `${thread}/notes/:note_id`, getCommitReply],
  ['PUT', `${thread}/notes/:note_id`, putCommitReply],
  ['DELETE', `${thread}/notes/:note_id`, deleteCommitReply],
  ['POST', '/projects/:id/statuses/:sha', postStatus],
  ['GET', '/projects/:id/pipelines', listPipelines],
  ['GET', '/projects/:id/pipelines/:pipeline_id', getPipeline],
  ['GET', `${repository}/merge_base`, mergeBase],
  ['GET', `${repository}/compare`, compare],

  ['GET', `${repository}/tags`, listTags, 'job'],
  ['POST', `${repository}/tags`, postTag],
  ['GET', `${repository}/tags/:tag_name`, getTag],
  ['DELETE', `${repository}/tags/:tag_name`, deleteTag],
];
