import {
  deleteReply,
  getDiscussion,
  getReply,
  listDiscussions,
  listReplies,
  postDiscussion,
  postReply,
  putDiscussion,
  putReply,
} from './api/discussions.ts';
import type { Kind } from './api/noteables.ts';
import { getNote, listNotes, postNote, putNote, removeNote } from './api/notes.ts';
import type { RouteLine } from './routes.ts';

/** Comments and threads of issues and merge requests; only the latter's can be resolved. */
export function noteRoutes(kind: Kind): RouteLine[] {
  const one = `/projects/:id/${kind}s/:iid`;
  const thread = `${one}/discussions/:discussion_id`;
  return [
    ['GET', `${one}/notes`, listNotes(kind), 'job'],
    ['POST', `${one}/notes`, postNote(kind)],
    ['GET', `${one}/notes/:note_id`, getNote(kind), 'job'],
    ['PUT', `${one}/notes/:note_id`, putNote(kind)],
    ['DELETE', `${one}/notes/:note_id`, removeNote(kind)],
    ['GET', `${one}/discussions`, listDiscussions(kind)],
    ['POST', `${one}/discussions`, postDiscussion(kind)],
    ['GET', thread, getDiscussion(kind)],
    ...(kind === 'merge_request' ? ([['PUT', thread, putDiscussion]] as RouteLine[]) : []),
    ['GET', `${thread}/notes`, listReplies(kind)],
    ['POST', `${thread}/notes`, postReply(kind)],
    ['GET', `${thread}/notes/:note_id`, getReply(kind)],
    ['PUT', `${thread}/notes/:note_id`, putReply(kind)],
    ['DELETE', `${thread}/notes/:note_id`, deleteReply(kind)],
  ];
}
