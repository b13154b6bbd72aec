import { createHash } from 'node:crypto';
import type { EscalatedIssue } from './documents.ts';
import { noteReference } from './find-ours.ts';

export interface LivingNote {
  ticket: number;
  issue: EscalatedIssue;
  warnings: readonly string[];
  /** More lines, as the return path has them; plain text. */
  lines?: readonly string[];
}

/** Our one note on the ticket, as HTML: the link, how the issue stands, what did not go as it should. Edited, never repeated. */
export function renderNote({ ticket, issue, warnings, lines = [] }: LivingNote): string {
  const name = `${issue.project}#${issue.iid}`;
  const list = warnings.map(warning => `<li>${escapeHtml(warning)}</li>`).join('');
  const state = issue.state === 'closed' ? 'closed' : 'open';
  const labels = issue.labels.length === 0 ? '' : ` · ${escapeHtml(issue.labels.join(', '))}`;
  return [
    `<div><b>GitLab issue: <a href="${escapeHtml(issue.url)}" rel="noreferrer">${escapeHtml(name)}</a></b> (${state}${labels})</div>`,
    ...lines.map(line => `<div>${escapeHtml(line)}</div>`),
    ...(list === '' ? [] : [`<div>Please look at this:</div><ul>${list}</ul>`]),
    `<div><small>${escapeHtml(noteReference(issue, ticket))}</small></div>`,
  ].join('');
}

/** By which a note that says the same already is recognised. */
export function noteDigest(html: string): string {
  return createHash('sha256').update(html).digest('hex').slice(0, 16);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}
