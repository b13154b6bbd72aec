import { findProject } from '../../config/projects.ts';
import type { Automation } from '../../engine/automation.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { MergeRequest } from '../../gitlab/client/schemas.ts';
import { type MentionedIssue, mentionedIssues, type ReferenceSource } from './mentioned-issues.ts';
import { branchOf } from './read-candidates.ts';
import { revertedBy } from './reverted.ts';
import type { BoardSettings } from './settings.ts';

interface MentionsFacts {
  mergeRequest: string;
  /** `acme/appliance#1`, of projects that have a board, by their configured path. */
  issues: string[];
  /** Issues of projects that have none. */
  elsewhere: string[];
}

type MentionsMemory = { issues: string[] };

/** Named in a verdict at most. */
const NAMED = 5;

/**
 * The reconciler of `mentions:<project>!<iid>`: whatever happens to a merge request makes the issues that it speaks of worth a
 * look, those that it spoke of before, for a reference may have been taken out, and those of the merge requests it takes back.
 */
export function mentions(gitlab: GitLab, settings: BoardSettings): Automation<MentionsFacts, never, MentionsMemory> {
  const sources = [...new Set(Object.values(settings.projects).flatMap(each => each.references))];
  return {
    name: 'board',
    kind: 'mentions',
    gather: async look => {
      const at = look.subject.lastIndexOf('!');
      const project = look.subject.slice(0, at);
      const found = await gitlab.mergeRequests.find(project, Number(look.subject.slice(at + 1)));
      if (!found) return { mergeRequest: look.subject, issues: [], elsewhere: [] };
      const spoken = await spokenOf(gitlab, project, found, sources);
      const issues = new Set<string>();
      const elsewhere = new Set<string>();
      for (const { project: where, iid } of spoken) {
        const configured = findProject(settings.projects, where);
        if (configured) issues.add(`${configured.project}#${iid}`);
        else elsewhere.add(`${where}#${iid}`);
      }
      return { mergeRequest: look.subject, issues: [...issues].toSorted(), elsewhere: [...elsewhere].toSorted() };
    },
    decide: ({ mergeRequest, issues, elsewhere }, memory) => {
      const all = [...new Set([...issues, ...(memory?.issues ?? [])])];
      const others = elsewhere.length > 0 ? `; without a board: ${shortened(elsewhere)}` : '';
      return {
        verdict: issues.length === 0 ? `speaks of no issue${others}` : `speaks of ${shortened(issues)}${others}`,
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

async function spokenOf(
  gitlab: GitLab,
  project: string,
  mergeRequest: MergeRequest,
  sources: readonly ReferenceSource[],
): Promise<MentionedIssue[]> {
  const text = await textOf(gitlab, project, mergeRequest, sources);
  const said = [text.title, text.description ?? '', ...text.commitMessages].join('\n');
  const reverted = revertedBy(said, { project, baseUrl: gitlab.url });
  const named = await Promise.all(reverted.mergeRequests.map(name => findByName(gitlab, name)));
  const made = await Promise.all(
    reverted.commits.map(async commit => {
      const list = await gitlab.mergeRequests.ofCommit(project, commit);
      return list.map(each => ({ project, found: each }));
    }),
  );
  const takenBack = await Promise.all(
    [...named.flat(), ...made.flat()].map(each => textOf(gitlab, each.project, each.found, sources)),
  );
  return [text, ...takenBack].flatMap(each => mentionedIssues(each, sources));
}

async function findByName(gitlab: GitLab, name: string): Promise<{ project: string; found: MergeRequest }[]> {
  const at = name.lastIndexOf('!');
  const project = name.slice(0, at);
  const found = await gitlab.mergeRequests.find(project, Number(name.slice(at + 1)));
  return found ? [{ project, found }] : [];
}

async function textOf(
  gitlab: GitLab,
  project: string,
  mergeRequest: MergeRequest,
  sources: readonly ReferenceSource[],
) {
  const { iid, title, description, sha, updated_at } = mergeRequest;
  const reads = sources.includes('commits');
  const commits = reads ? await gitlab.mergeRequests.commits(project, iid, `${sha} ${updated_at}`) : [];
  const commitMessages = commits.map(commit => commit.message ?? '');
  return { project, baseUrl: gitlab.url, title, description, branch: branchOf(mergeRequest), commitMessages };
}

function shortened(names: readonly string[]): string {
  const more = names.length - NAMED;
  return `${names.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
