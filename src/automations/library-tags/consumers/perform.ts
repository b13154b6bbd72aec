import type { Effect, Look } from '../../../engine/automation.ts';
import type { Documents } from '../../../engine/documents/documents.ts';
import type { GitLab } from '../../../gitlab/client/create-gitlab.ts';
import type { ConsumerAction } from './decide.ts';
import { bumpBranch, type ConsumerFacts } from './facts.ts';
import { readOwnBranch, readRequest } from './gather.ts';
import { readWanted } from './read-wanted.ts';
import { renderCommit, renderDescription, renderTitle } from './render.ts';

export function toEffect(
  action: ConsumerAction,
  facts: ConsumerFacts,
  look: Look,
  {
    gitlab,
    documents,
    defaultBranch,
  }: { gitlab: GitLab; documents: Documents; defaultBranch: (project: string) => Promise<string> },
): Effect {
  const { project, branch, head, change } = facts;
  const { signal, chain } = look;
  const { summary } = action;
  if (action.type === 'commit') {
    return {
      name: `commit:${change}@${head}`,
      summary,
      find: async () => {
        const own = await readOwnBranch(gitlab, project, branch, signal);
        return own?.change === change ? { commit: own.head } : undefined;
      },
      do: async () => {
        const line = branch !== (await defaultBranch(project));
        const wanted = await readWanted({ gitlab, documents, project, head, line, signal });
        const own = await readOwnBranch(gitlab, project, branch, signal);
        // A library or a person was faster than this look: what they did makes another one.
        if (wanted.change !== change || own?.head !== facts.ownBranch?.head) return { sent: false };
        const message = renderCommit(facts);
        const files = { branch: bumpBranch(branch), start: head, message, files: wanted.files };
        return { commit: (await gitlab.proposals.commit(project, files, { chain, signal })).id };
      },
    };
  }
  if (action.type === 'close') {
    return {
      name: `close:${action.iid}`,
      summary,
      do: async () => {
        await gitlab.proposals.close(project, action.iid, { chain, signal });
        return { request: action.iid };
      },
    };
  }
  const text = { title: renderTitle(facts), description: renderDescription(facts, gitlab.url) };
  if (action.type === 'edit') {
    return {
      name: `edit:${action.iid}:${change}`,
      summary,
      do: async () => {
        await gitlab.proposals.edit(project, action.iid, text, { chain, signal });
        return { request: action.iid };
      },
    };
  }
  return {
    name: `open:${change}`,
    summary,
    find: async () => {
      const request = await readRequest(gitlab, project, branch);
      return request?.state === 'opened' ? { request: request.iid } : undefined;
    },
    do: async () => {
      const branches = { source_branch: bumpBranch(branch), target_branch: branch };
      return { request: (await gitlab.proposals.open(project, { ...branches, ...text }, { chain, signal })).iid };
    },
  };
}
