import { badParameter } from '../http/api-error.ts';
import type { Answer, Call } from '../http/call.ts';
import { demand, requiredText, text } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { presentCommit } from '../present/commit.ts';
import { presentIssue } from '../present/issue.ts';
import { presentMergeRequest } from '../present/merge-request.ts';
import { presentMilestone } from '../present/milestone.ts';
import { presentNote } from '../present/note.ts';
import { presentProjectBasic } from '../present/project.ts';
import { presentUserBasic } from '../present/user.ts';
import { actorOf, canReadCode, canReadIssue, groupOf, projectGroups, projectOf } from '../state/access.ts';
import type { ProjectRecord } from '../state/records.ts';
import { visibleProjects } from './projects.ts';
import { findText } from './search-files.ts';

/** GitLab drops words this long from its index: a marker hash is not found by searching for it. */
const LONGEST_WORD = 50;
const COMMITS_SEARCHED = 2000;

export async function searchAll(call: Call): Promise<Answer> {
  return search(call, visibleProjects(call));
}
export async function searchGroup(call: Call): Promise<Answer> {
  const group = groupOf(call);
  return search(
    call,
    visibleProjects(call).filter(project => projectGroups(call.world, project).includes(group)),
  );
}
export async function searchProject(call: Call): Promise<Answer> {
  return search(call, [projectOf(call)]);
}

async function search(call: Call, projects: ProjectRecord[]): Promise<Answer> {
  actorOf(call);
  demand(call.input, 'scope', 'search');
  const wanted = requiredText(call.input, 'search').toLowerCase();
  const words = wanted.split(/\s+/).filter(word => word !== '');
  const hit = (haystack: string) =>
    words.every(word => word.length < LONGEST_WORD && haystack.toLowerCase().includes(word));
  const found = await inScope(call, projects, requiredText(call.input, 'scope'), hit, wanted);
  return offsetPage(call, found, entry => entry);
}

async function inScope(
  call: Call,
  projects: ProjectRecord[],
  scope: string,
  hit: (haystack: string) => boolean,
  wanted: string,
): Promise<unknown[]> {
  const { world, user } = call;
  const readable = (project: ProjectRecord) =>
    [...project.issues.values()].filter(issue => canReadIssue(world, user, project, issue));
  const state = text(call.input, 'state');
  const inState = (item: { state: string }) => state === null || state === 'all' || item.state === state;
  switch (scope) {
    case 'projects':
      return projects
        .filter(project => hit(`${project.fullPath} ${project.description ?? ''}`))
        .map(project => presentProjectBasic(world, project));
    case 'users':
      return [...world.users.values()]
        .filter(entry => hit(`${entry.name} ${entry.username}`))
        .map(entry => presentUserBasic(world, entry));
    case 'issues':
      return projects.flatMap(project =>
        readable(project)
          .filter(issue => inState(issue) && hit(`${issue.title} ${issue.description ?? ''}`))
          .reverse()
          .map(issue => presentIssue(world, project, issue)),
      );
    case 'merge_requests':
      return projects.flatMap(project =>
        [...project.mergeRequests.values()]
          .filter(item => inState(item) && hit(`${item.title} ${item.description ?? ''}`))
          .reverse()
          .map(item => presentMergeRequest(world, project, item)),
      );
    case 'milestones':
      return projects.flatMap(project =>
        [...project.milestones.values()]
          .filter(milestone => hit(milestone.title))
          .map(milestone => presentMilestone(world, milestone)),
      );
    case 'notes':
      return projects.flatMap(project =>
        [...readable(project), ...project.mergeRequests.values()].flatMap(item =>
          item.notes
            .filter(note => !note.system && !note.internal && hit(note.body))
            .map(note => presentNote(world, note)),
        ),
      );
    case 'commits': {
      const commits = await Promise.all(
        projects
          .filter(project => canReadCode(world, user, project))
          .map(async project => {
            const log = await project.repository.log({
              revision: text(call.input, 'ref') ?? project.defaultBranch,
              limit: COMMITS_SEARCHED,
            });
            return log
              .filter(commit => hit(commit.message))
              .map(commit => ({ ...presentCommit(world, project, commit), project_id: project.id, status: null }));
          }),
      );
      return commits.flat();
    }
    case 'blobs': {
      const code = projects.filter(project => canReadCode(world, user, project));
      return (await Promise.all(code.map(project => findText(project, text(call.input, 'ref'), wanted)))).flat();
    }
    default:
      throw badParameter('scope does not have a valid value');
  }
}
