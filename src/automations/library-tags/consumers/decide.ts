import type { Decision, PlannedAction } from '../../../engine/automation.ts';
import type { ConsumerFacts } from './facts.ts';

export type ConsumerAction = PlannedAction &
  ({ type: 'commit' } | { type: 'open' } | { type: 'edit' | 'close'; iid: number });

/**
 * One merge request for each branch of a consumer, about all libraries that it is behind with, and always about the newest
 * versions. What people have closed is not opened again until there is something new; what they work on is left alone.
 */
export function decideConsumer(facts: ConsumerFacts): Decision<ConsumerAction> {
  const { state, project, branch, bumps, ownBranch, request, change } = facts;
  if (state !== 'there') return { verdict: state, because: [], actions: [] };
  const open = request?.state === 'opened' || request?.state === 'locked';
  if (bumps.length === 0) {
    const actions: ConsumerAction[] = [];
    // What it proposed came in by another way, or is wanted no more; a person's commits on it would be lost from sight.
    if (open && ownBranch?.ours && request.state === 'opened') {
      actions.push({ type: 'close', iid: request.iid, summary: `close ${project}!${request.iid}, which is done` });
    }
    return { verdict: 'up to date', because: ['Every library is at the version it may have.'], actions };
  }
  const because = bumps.map(({ path, from, to, unmet }) => {
    const more = unmet.length > 0 ? `, which also requires ${unmet.join(', ')}` : '';
    return `${path} is ${from} here, and could be ${to}${more}.`;
  });
  if (request?.state === 'closed' && request.change === change) {
    because.push(`!${request.iid} proposed just this, and was closed.`);
    return { verdict: 'declined', because, actions: [] };
  }
  if (ownBranch && !ownBranch.ours && open) {
    because.push(`Somebody has committed to the branch of !${request.iid}, so it is left alone.`);
    return { verdict: 'in other hands', because, actions: [] };
  }
  const actions: ConsumerAction[] = [];
  if (ownBranch?.change !== change) {
    actions.push({ type: 'commit', summary: `put ${bumps.length} updates for ${project} ${branch} on a branch` });
  }
  if (!open) actions.push({ type: 'open', summary: `open a merge request with them in ${project}` });
  else if (request.change !== change) {
    actions.push({ type: 'edit', iid: request.iid, summary: `bring ${project}!${request.iid} up to date` });
  }
  const where = open ? `!${request.iid}` : 'to be proposed';
  return { verdict: actions.length === 0 ? `proposed in !${request?.iid}` : where, because, actions };
}
