import { type Html, html } from '../../http/html.ts';
import { labelsOf } from '../present/issuable.ts';
import { detailedMergeStatus, isDraft, recheckLater, withoutDraft } from '../state/mergeability.ts';
import type { IssueRecord, MergeRequestRecord, ProjectRecord } from '../state/records.ts';
import { action, projectNav, type View } from './layout.ts';
import { markdown } from './markdown.ts';
import { labelBadge, stateBadge } from './project-pages.ts';
import { threads } from './threads.ts';

export function issuePage(view: View, project: ProjectRecord, issue: IssueRecord): Html {
  const base = `PUT /projects/${project.id}/issues/${issue.iid}`;
  const author = view.world.users.get(issue.authorId)?.name;
  const labels = labelsOf(view.world, project, issue);
  return html`${projectNav(project)}<h1>${issue.title} <span class="meta">#${issue.iid}</span></h1>
<p>${stateBadge(issue.state)} ${issue.confidential && html`<span class="badge">confidential</span>`} ${labels.map(labelBadge)} <span class="meta">by ${author}, ${issue.createdAt}</span></p>
<div class="note">${markdown(issue.description)}</div>
<p>${action(view, issue.state === 'opened' ? 'Close' : 'Reopen', base, { state_event: issue.state === 'opened' ? 'close' : 'reopen' })}
${action(view, 'Set labels', base, {}, html`<input name="labels" size="40" value="${labels.map(label => label.title).join(', ')}">`)}</p>
${threads(view, project, issue)}`;
}

export async function mergeRequestPage(view: View, project: ProjectRecord, item: MergeRequestRecord): Promise<Html> {
  recheckLater(view.world, project, item);
  const base = `/projects/${project.id}/merge_requests/${item.iid}`;
  const branches = (await project.repository.branches()).map(branch => branch.name);
  const status = detailedMergeStatus(view.world, project, item);
  const open = item.state === 'opened';
  const buttons = [
    open && action(view, 'Merge', `PUT ${base}/merge`),
    open && action(view, 'Close', `PUT ${base}`, { state_event: 'close' }),
    item.state === 'closed' && action(view, 'Reopen', `PUT ${base}`, { state_event: 'reopen' }),
    open &&
      action(view, isDraft(item) ? 'Mark as ready' : 'Mark as draft', `PUT ${base}`, {
        title: isDraft(item) ? withoutDraft(item.title) : `Draft: ${item.title}`,
      }),
    open &&
      action(
        view,
        'Retarget',
        `PUT ${base}`,
        {},
        html`<select name="target_branch">${branches.map(name => html`<option ${name === item.targetBranch && { markup: 'selected' }}>${name}</option>`)}</select>`,
      ),
  ];
  return html`${projectNav(project)}<h1>${item.title} <span class="meta">!${item.iid}</span></h1>
<p>${stateBadge(item.state)} <code>${item.sourceBranch}</code> → <code>${item.targetBranch}</code> <span class="badge">${status}</span> ${labelsOf(view.world, project, item).map(labelBadge)}
<span class="meta">by ${view.world.users.get(item.authorId)?.name}, head ${item.headSha.slice(0, 8)}</span></p>
<div class="note">${markdown(item.description)}</div><p>${buttons}</p>${threads(view, project, item)}`;
}
