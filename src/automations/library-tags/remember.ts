import type { Effect } from '../../engine/automation.ts';
import type { Documents } from '../../engine/documents/documents.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import { rememberTags } from './ledger.ts';
import { askAgain, openRemote } from './open-remote.ts';
import { watchRefs } from './watch-refs.ts';

/** Brings the ledger up to what the remote has now; what it has already keeps its first place. */
export function rememberEffect(
  summary: string,
  { project, projectId }: { project: string; projectId: number },
  signal: AbortSignal,
  { gitlab, documents }: { gitlab: GitLab; documents: Documents },
): Effect {
  return {
    name: 'remember',
    summary,
    do: async () => {
      const remote = await openRemote(gitlab, project, signal);
      const { unseen } = await askAgain(() => watchRefs(remote, { tags: [], own: [] }, { names: [], signal }));
      await rememberTags(
        documents,
        projectId,
        unseen.map(({ name, peeled }) => [name, peeled]),
      );
      return { tags: unseen.length };
    },
  };
}
