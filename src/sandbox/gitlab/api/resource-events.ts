import { notFound } from '../http/api-error.ts';
import { type Answer, type Call, ok } from '../http/call.ts';
import { pathInteger } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { presentLabelDetail } from '../present/label.ts';
import { presentMilestoneId } from '../present/milestone.ts';
import { presentUserId } from '../present/user.ts';
import { labelsInReach } from '../state/labels.ts';
import type { Noteable, ProjectRecord } from '../state/records.ts';
import { type Kind, noteableOf } from './noteables.ts';

export type EventKind = 'label' | 'state' | 'milestone' | 'weight';
type Presented = Record<string, unknown> & { id: number };

/** Who set which label, state or milestone when: the only way to tell a human's move from a bot's. Oldest first. */
function eventsOf(call: Call, project: ProjectRecord, item: Noteable, kind: EventKind): Presented[] {
  const { world } = call;
  const base = (event: { id: number; userId: number; createdAt: string }) => ({
    id: event.id,
    user: presentUserId(world, event.userId),
    created_at: event.createdAt,
    resource_type: item.kind === 'issue' ? 'Issue' : 'MergeRequest',
    resource_id: item.id,
  });
  switch (kind) {
    case 'label': {
      const labels = new Map(labelsInReach(world, project).map(label => [label.id, label]));
      return item.labelEvents.map(event => {
        const label = labels.get(event.labelId);
        return {
          ...base(event),
          label: label === undefined ? null : presentLabelDetail(world, label),
          action: event.action,
        };
      });
    }
    case 'state':
      return item.stateEvents.map(event => ({
        ...base(event),
        source_commit: event.sourceCommit,
        source_merge_request_id: event.sourceMergeRequestId,
        state: event.state,
      }));
    case 'milestone':
      return item.milestoneEvents.map(event => ({
        ...base(event),
        milestone: presentMilestoneId(world, event.milestoneId),
        action: event.action,
        state: event.state,
      }));
    case 'weight':
      return (item.kind === 'issue' ? item.weightEvents : []).map(event => ({
        id: event.id,
        user: presentUserId(world, event.userId),
        created_at: event.createdAt,
        issue_id: item.id,
        weight: event.weight,
      }));
  }
}

export function listEvents(kind: Kind, what: EventKind): (call: Call) => Answer {
  return call => {
    const { project, noteable } = noteableOf(call, kind);
    if (what === 'weight' && call.world.settings.tier === 'free') throw notFound();
    return offsetPage(call, eventsOf(call, project, noteable, what), event => event);
  };
}

export function getEvent(kind: Kind, what: EventKind): (call: Call) => Answer {
  return call => {
    const { project, noteable } = noteableOf(call, kind);
    const id = pathInteger(call, 'event_id');
    const event = eventsOf(call, project, noteable, what).find(candidate => candidate.id === id);
    if (event === undefined) throw notFound('Event');
    return ok(event);
  };
}
