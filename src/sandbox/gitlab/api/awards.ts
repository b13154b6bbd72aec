import { notFound, refuse, unauthorized } from '../http/api-error.ts';
import { type Answer, type Call, created, noContent, ok } from '../http/call.ts';
import { pathInteger, requiredText } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { presentUserId } from '../present/user.ts';
import { actorOf } from '../state/access.ts';
import type { AwardRecord } from '../state/records.ts';
import { nextId, now } from '../state/world.ts';
import { type Kind, noteableOf } from './noteables.ts';
import { noteOf } from './notes.ts';

interface Awardable {
  awards: AwardRecord[];
  id: number;
  type: string;
}

function awardableOf(call: Call, kind: Kind): Awardable {
  if (call.params['note_id'] !== undefined) {
    const { note } = noteOf(call, kind);
    return { awards: note.awards, id: note.id, type: 'Note' };
  }
  const { noteable } = noteableOf(call, kind);
  return { awards: noteable.awards, id: noteable.id, type: kind === 'issue' ? 'Issue' : 'MergeRequest' };
}

function present(call: Call, on: Awardable, award: AwardRecord): Record<string, unknown> {
  return {
    id: award.id,
    name: award.name,
    user: presentUserId(call.world, award.userId),
    created_at: award.createdAt,
    updated_at: award.createdAt,
    awardable_id: on.id,
    awardable_type: on.type,
    url: null,
  };
}

export function listAwards(kind: Kind): (call: Call) => Answer {
  return call => {
    const on = awardableOf(call, kind);
    return offsetPage(call, on.awards, award => present(call, on, award));
  };
}

function awardOf(call: Call, on: Awardable): AwardRecord {
  const id = pathInteger(call, 'award_id');
  const award = on.awards.find(candidate => candidate.id === id);
  if (award === undefined) throw notFound('Award Emoji');
  return award;
}

export function getAward(kind: Kind): (call: Call) => Answer {
  return call => {
    const on = awardableOf(call, kind);
    return ok(present(call, on, awardOf(call, on)));
  };
}

export function postAward(kind: Kind): (call: Call) => Answer {
  return call => {
    const on = awardableOf(call, kind);
    const { user } = actorOf(call);
    const name = requiredText(call.input, 'name').replaceAll(':', '');
    if (on.awards.some(award => award.userId === user.id && award.name === name)) {
      throw refuse(404, '404 Award Emoji Name has already been taken Not Found');
    }
    const award: AwardRecord = { id: nextId(call.world, 'awards'), name, userId: user.id, createdAt: now(call.world) };
    on.awards.push(award);
    return created(present(call, on, award));
  };
}

export function deleteAward(kind: Kind): (call: Call) => Answer {
  return call => {
    const on = awardableOf(call, kind);
    const award = awardOf(call, on);
    const { user } = actorOf(call);
    if (award.userId !== user.id && !user.isAdmin) throw unauthorized();
    on.awards.splice(on.awards.indexOf(award), 1);
    return noContent();
  };
}
