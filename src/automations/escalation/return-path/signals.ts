import type { Signal } from '../../../engine/intake/delivery.ts';
import type { GitLabEvent } from '../../../gitlab/webhook/read-webhook.ts';
import { issueKey } from '../documents.ts';

/**
 * An event of an issue, or a comment on one, makes its tickets worth a look. Of any project, because a ticket can be linked to an issue
 * anywhere; whether tickets belong to it is one read of our own.
 */
export function returnSignals(event: GitLabEvent, settings: { project: string }): Signal[] {
  const isIssue = event.kind === 'issue' || (event.kind === 'note' && event.on === 'issue');
  if (!isIssue || event.project === null || event.iid === null) return [];
  const isOurs = event.project.toLowerCase() === settings.project.toLowerCase();
  const project = isOurs ? settings.project : event.project;
  return [{ key: issueKey({ project, iid: event.iid }), reason: `${event.kind} event` }];
}
