import { type Html, html } from '../../http/html.ts';
import { labelsOf } from '../present/issuable.ts';
import { textColor } from '../present/label.ts';
import { canReadIssue, canReadProject } from '../state/access.ts';
import { detailedMergeStatus } from '../state/mergeability.ts';
import type { BoardRecord, IssueRecord, LabelRecord, ProjectRecord } from '../state/records.ts';
import { action, projectNav, type View } from './layout.ts';

export function homePage(view: View): Html {
  const { world, user } = view;
  const projects = [...world.projects.values()].filter(project => canReadProject(world, user, project));
  return html`<h1>Projects</h1><table><tr><th>project</th><th>open issues</th><th>open merge requests</th></tr>${projects.map(
    project => html`<tr><td><a href="/${project.fullPath}">${project.fullPath}</a> ${project.description}</td>
<td><a href="/${project.fullPath}/-/boards">${count(project.issues)}</a></td>
<td><a href="/${project.fullPath}/-/merge_requests">${count(project.mergeRequests)}</a></td></tr>`,
  )}</table>`;
}

function count(items: Map<number, { state: string }>): number {
  return [...items.values()].filter(item => item.state === 'opened').length;
}

export async function projectPage(_view: View, project: ProjectRecord): Promise<Html> {
  const branches = await project.repository.branches();
  const tags = await project.repository.tags();
  return html`${projectNav(project)}<h1>${project.name}</h1><p>${project.description}</p>
<p>default branch <code>${project.defaultBranch}</code> · threads must be resolved: ${project.settings.onlyAllowMergeIfAllDiscussionsAreResolved ? 'yes' : 'no'}</p>
<h2>Branches</h2><ul>${branches.map(branch => html`<li><code>${branch.name}</code> <span class="meta">${branch.sha.slice(0, 8)}</span></li>`)}</ul>
<h2>Tags</h2><p>${tags.length} tags</p><ul>${tags
    .slice(-30)
    .map(
      tag =>
        html`<li><code>${tag.name}</code> <span class="meta">${tag.commit.sha.slice(0, 8)} ${tag.message}</span></li>`,
    )}</ul><h2>Releases</h2><ul>${[...project.releases.values()].map(release => html`<li>${release.name} (${release.tag})</li>`)}</ul>`;
}

export function labelBadge(label: LabelRecord): Html {
  return html`<span class="label" style="background:${label.color};color:${textColor(label.color)}">${label.title}</span> `;
}

/** The board as GitLab draws it: open issues without a list's label, one column per list, closed ones. */
export function boardPage(view: View, project: ProjectRecord): Html {
  const board = [...project.boards.values()][0];
  const issues = [...project.issues.values()].filter(issue => canReadIssue(view.world, view.user, project, issue));
  if (board === undefined) return html`${projectNav(project)}<p>This project has no board.</p>`;
  const lists = columnsOf(project, board);
  const inLists = (issue: IssueRecord) => lists.some(label => issue.labelIds.has(label.id));
  const open = issues.filter(issue => issue.state === 'opened');
  const column = (title: string, to: string, cards: IssueRecord[]) =>
    html`<section class="column" data-to="${to}"><h2>${title} <span class="badge">${cards.length}</span></h2>${cards.map(issue => card(view, project, lists, issue))}</section>`;
  return html`${projectNav(project)}<h1>${board.name}</h1><div class="board">
${column(
  'Open',
  '',
  open.filter(issue => !inLists(issue)),
)}
${lists.map(label =>
  column(
    label.title,
    label.title,
    open.filter(issue => issue.labelIds.has(label.id)),
  ),
)}
${column(
  'Closed',
  'Closed',
  issues.filter(issue => issue.state === 'closed'),
)}</div>`;
}

export function columnsOf(project: ProjectRecord, board: BoardRecord): LabelRecord[] {
  return [...board.lists]
    .sort((a, b) => a.position - b.position)
    .flatMap(list => project.labels.get(list.labelId ?? 0) ?? []);
}

function card(view: View, project: ProjectRecord, lists: LabelRecord[], issue: IssueRecord): Html {
  const others = labelsOf(view.world, project, issue).filter(label => !lists.includes(label));
  const current = lists.find(label => issue.labelIds.has(label.id))?.title ?? '';
  const here = issue.state === 'closed' ? 'Closed' : current;
  return html`<div class="card" draggable="true"><a href="/${project.fullPath}/-/issues/${issue.iid}">#${issue.iid} ${issue.title}</a><br>${others.map(labelBadge)}${issue.confidential && html`<span class="badge">confidential</span>`}
<form method="post" action="/-/move"><input type="hidden" name="back" value="${view.path}"><input type="hidden" name="project" value="${project.id}"><input type="hidden" name="iid" value="${issue.iid}">
<select name="to" onchange="this.form.submit()" aria-label="move to">${[
    '',
    ...lists.map(label => label.title),
    'Closed',
  ].map(
    to => html`<option value="${to}" ${to === here && { markup: 'selected' }}>${to === '' ? 'Open' : to}</option>`,
  )}</select><noscript><button>move</button></noscript></form></div>`;
}

export function issuesPage(view: View, project: ProjectRecord): Html {
  const issues = [...project.issues.values()]
    .filter(issue => canReadIssue(view.world, view.user, project, issue))
    .reverse();
  return html`${projectNav(project)}<h1>Issues</h1>${action(view, 'New issue', `POST /projects/${project.id}/issues`, {}, html`<input name="title" required placeholder="Title"> <input name="labels" placeholder="Labels">`)}
<ul>${issues.map(
    issue =>
      html`<li><a href="/${project.fullPath}/-/issues/${issue.iid}">#${issue.iid} ${issue.title}</a> ${stateBadge(issue.state)} ${labelsOf(view.world, project, issue).map(labelBadge)}</li>`,
  )}</ul>`;
}

export async function mergeRequestsPage(view: View, project: ProjectRecord): Promise<Html> {
  const branches = (await project.repository.branches()).map(branch => html`<option>${branch.name}</option>`);
  const fields = html`<select name="source_branch">${branches}</select> into <select name="target_branch">${branches}</select> <input name="title" required placeholder="Title"> <input name="description" placeholder="Description">`;
  return html`${projectNav(project)}<h1>Merge requests</h1>${action(view, 'New merge request', `POST /projects/${project.id}/merge_requests`, {}, fields)}
<ul>${[...project.mergeRequests.values()]
    .reverse()
    .map(
      item =>
        html`<li><a href="/${project.fullPath}/-/merge_requests/${item.iid}">!${item.iid} ${item.title}</a> ${stateBadge(item.state)} <code>${item.sourceBranch}</code> → <code>${item.targetBranch}</code> <span class="badge">${detailedMergeStatus(view.world, project, item)}</span></li>`,
    )}</ul>`;
}

export function stateBadge(state: string): Html {
  return html`<span class="badge ${state === 'opened' ? 'open' : state}">${state}</span>`;
}
