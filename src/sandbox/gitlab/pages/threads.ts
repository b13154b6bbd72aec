import { type Html, html } from '../../http/html.ts';
import { type Discussion, discussionsOf, isDiscussionResolvable, isDiscussionResolved } from '../present/note.ts';
import type { Noteable, ProjectRecord } from '../state/records.ts';
import { action, type View } from './layout.ts';
import { markdown } from './markdown.ts';

/** The discussion of an issue or merge request, with the buttons a person has there. */
export function threads(view: View, project: ProjectRecord, item: Noteable): Html {
  const base = `/projects/${project.id}/${item.kind}s/${item.iid}`;
  return html`<h2>Activity</h2>${discussionsOf(item).map(discussion => thread(view, base, discussion))}
${action(view, 'Comment', `POST ${base}/notes`, {}, html`<textarea name="body" required placeholder="Write a comment"></textarea>`)}
${
  item.kind === 'merge_request' &&
  action(
    view,
    'Start thread',
    `POST ${base}/discussions`,
    {},
    html`<textarea name="body" required placeholder="Start a thread that must be resolved"></textarea>`,
  )
}`;
}

function thread(view: View, base: string, discussion: Discussion): Html {
  const resolvable = isDiscussionResolvable(discussion);
  const resolved = isDiscussionResolved(discussion);
  const kind = resolvable ? (resolved ? 'resolved' : '') : 'plain';
  const name = (id: number) => view.world.users.get(id)?.name ?? 'somebody';
  return html`<div class="thread ${kind}">${discussion.notes.map(note =>
    note.system
      ? html`<p class="meta">${name(note.authorId)} ${markdown(note.body)} ${note.createdAt}</p>`
      : html`<div class="note" id="note_${note.id}"><p class="meta"><b>${name(note.authorId)}</b> ${note.createdAt} ${note.internal && html`<span class="badge">internal</span>`}</p>${markdown(note.body)}</div>`,
  )}${
    resolvable &&
    action(view, resolved ? 'Open thread again' : 'Resolve thread', `PUT ${base}/discussions/${discussion.id}`, {
      resolved: String(!resolved),
    })
  }${
    !(discussion.notes[0]?.system ?? false) &&
    action(
      view,
      'Reply',
      `POST ${base}/discussions/${discussion.id}/notes`,
      {},
      html`<input name="body" required placeholder="Reply">`,
    )
  }</div>`;
}
