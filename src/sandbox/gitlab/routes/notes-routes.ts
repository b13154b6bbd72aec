import { deleteAward, getAward, listAwards, postAward } from '../api/awards.ts';
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
} from '../api/discussions.ts';
import type { Kind } from '../api/noteables.ts';
import { getNote, listNotes, postNote, putNote, removeNote } from '../api/notes.ts';
import { getEvent, listEvents } from '../api/resource-events.ts';
import { changeTime, getTimeStats } from '../api/time-tracking.ts';
import type { RouteLine } from './route-line.ts';

/** What issues and merge requests have alike: comments, threads (only the latter's can be resolved), events, time, emoji. */
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

    ['GET', `${one}/resource_label_events`, listEvents(kind, 'label')],
    ['GET', `${one}/resource_label_events/:event_id`, getEvent(kind, 'label')],
    ['GET', `${one}/resource_state_events`, listEvents(kind, 'state')],
    ['GET', `${one}/resource_state_events/:event_id`, getEvent(kind, 'state')],
    ['GET', `${one}/resource_milestone_events`, listEvents(kind, 'milestone')],
    ['GET', `${one}/resource_milestone_events/:event_id`, getEvent(kind, 'milestone')],
    ['GET', `${one}/resource_weight_events`, listEvents(kind, 'weight')],
    ['GET', `${one}/resource_weight_events/:event_id`, getEvent(kind, 'weight')],

    ['GET', `${one}/time_stats`, getTimeStats(kind)],
    ['POST', `${one}/time_estimate`, changeTime(kind, 'set_estimate')],
    ['POST', `${one}/reset_time_estimate`, changeTime(kind, 'reset_estimate')],
    ['POST', `${one}/add_spent_time`, changeTime(kind, 'add_spent')],
    ['POST', `${one}/reset_spent_time`, changeTime(kind, 'reset_spent')],

    ...[one, `${one}/notes/:note_id`].flatMap((on): RouteLine[] => [
      ['GET', `${on}/award_emoji`, listAwards(kind)],
      ['POST', `${on}/award_emoji`, postAward(kind)],
      ['GET', `${on}/award_emoji/:award_id`, getAward(kind)],
      ['DELETE', `${on}/award_emoji/:award_id`, deleteAward(kind)],
    ]),
  ];
}
