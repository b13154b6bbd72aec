import type { Effect, Look } from '../../engine/automation.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { MoveAction } from './decide.ts';
import type { BoardFacts, BoardMemory } from './facts.ts';

/**
 * The one request that moves an issue. The issue is read once more right before it, for a person may have been quicker than
 * the look took; then nothing is sent, and the person's change is what the next look sees. Setting the same labels and state
 * twice changes nothing, so there is no separate way to find out whether it was done: the next look reads it.
 */
export function toEffect(action: MoveAction, facts: BoardFacts, look: Look<BoardMemory>, gitlab: GitLab): Effect {
  const { project, iid } = facts;
  const { type, add, remove, reopen, summary } = action;
  return {
    name: `${type}:${[...add, ...(reopen ? ['reopen'] : [])].join(',')}`,
    summary,
    do: async () => {
      const fresh = await gitlab.issues.find(project, iid);
      // Only columns are compared: the request is relative, so that other labels may change as they like.
      const columns = (labels: readonly string[]) => facts.existing.filter(each => labels.includes(each)).join();
      if (!fresh || fresh.state !== facts.state || columns(fresh.labels) !== columns(facts.labels))
        return { sent: false };
      const context = { chain: look.chain, signal: look.signal };
      await gitlab.issues.change(project, iid, { add, remove, reopen }, context);
      return { sent: true, add, remove, ...(reopen && { reopened: true }) };
    },
  };
}
