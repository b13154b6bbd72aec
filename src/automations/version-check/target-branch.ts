import type { Automation } from '../../engine/automation.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';

interface TargetBranchFacts {
  project: string;
  branch: string;
  open: number[];
}

/**
 * The reconciler of `target-branch:<project>:<branch>`: GitLab sends no event for a merge request whose target has moved, so a
 * push to a branch makes every open merge request into it worth a look.
 */
export function targetBranch(gitlab: GitLab): Automation<TargetBranchFacts> {
  return {
    name: 'version-check',
    kind: 'target-branch',
    gather: async look => {
      const colon = look.subject.indexOf(':');
      const project = look.subject.slice(0, colon);
      const branch = look.subject.slice(colon + 1);
      const open = await gitlab.mergeRequests.list(project, { state: 'opened', target_branch: branch });
      return { project, branch, open: open.map(each => each.iid) };
    },
    decide: ({ project, branch, open }) => ({
      verdict: `${open.length} open merge ${open.length === 1 ? 'request' : 'requests'} to look at`,
      because: [`The branch ${branch} has moved, and with it the target of these merge requests.`],
      actions: [],
      alsoLookAt: open.map(iid => ({
        key: `merge-request:${project}!${iid}`,
        reason: `its target ${branch} has moved`,
      })),
    }),
    effect: action => {
      throw new Error(`there is no action ${action.type} on a target branch`);
    },
  };
}
