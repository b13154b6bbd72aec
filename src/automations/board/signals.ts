import { findProject } from '../../config/projects.ts';
import type { Signal } from '../../engine/intake/delivery.ts';
import type { GitLabEvent } from '../../gitlab/webhook/read-webhook.ts';
import type { BoardSettings } from './settings.ts';

/** Which keys an event makes worth a look. A merge request may speak of issues of any project, so each one is read. */
export function boardSignals(event: GitLabEvent, settings: BoardSettings): Signal[] {
  if (event.project === null) return [];
  if (event.kind === 'merge-request') {
    return [{ key: `mentions:${event.project}!${event.iid}`, reason: 'merge request event' }];
  }
  const configured = event.kind === 'issue' ? findProject(settings.projects, event.project) : undefined;
  if (event.kind !== 'issue' || !configured) return [];
  return [{ key: `issue:${configured.project}#${event.iid}`, reason: 'issue event' }];
}
