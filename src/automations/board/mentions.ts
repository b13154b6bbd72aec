import { findProject } from '../../config/projects.ts';
import type { Automation } from '../../engine/automation.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import { mentionedIssues } from './mentioned-issues.ts';
import type { BoardSettings } from './settings.ts';

interface MentionsFacts {
  mergeRequest: string;
  /** `acme/appliance#1`, of projects that have a board, by their configured path. */
  issues: string[];
}

type MentionsMemory = { issues: string[] };

/**
 * The reconciler of `mentions:<project>!<iid>`: whatever happens to a merge request makes the issues that it speaks of worth a
 * look, and those that it spoke of before, for a reference may have been taken out.
 */
export function mentions(gitlab: GitLab, settings: BoardSettings): Automation<MentionsFacts, never, MentionsMemory> {
  return {
    name: 'board',
    kind: 'mentions',
    gather: async look => {
      const at = look.subject.lastIndexOf('!');
      const project = look.subject.slice(0, at);
      const found = await gitlab.mergeRequests.find(project, Number(look.subject.slice(at + 1)));
      if (!found) return { mergeRequest: look.subject, issues: [] };
      const { title, description } = found;
      const issues = mentionedIssues({ project, baseUrl: gitlab.url, title, description }).flatMap(each => {
        const configured = findProject(settings.projects, each.project);
        return configured ? [`${configured.project}#${each.iid}`] : [];
      });
      return { mergeRequest: look.subject, issues: issues.toSorted() };
    },
    decide: ({ mergeRequest, issues }, memory) => {
      const all = [...new Set([...issues, ...(memory?.issues ?? [])])];
      return {
        verdict: issues.length === 0 ? 'speaks of no issue' : `speaks of ${issues.join(', ')}`,
        because: ['An issue is looked at again whenever a merge request that speaks of it has changed.'],
        actions: [],
        memory: { issues },
        alsoLookAt: all.map(issue => ({ key: `issue:${issue}`, reason: `merge request ${mergeRequest} has changed` })),
      };
    },
    effect: () => {
      throw new Error('looking which issues a merge request speaks of changes nothing outside');
    },
  };
}
