import type { Signal } from '../../engine/intake/delivery.ts';
import type { GitLabEvent } from '../../gitlab/webhook/read-webhook.ts';
import type { RacesSettings } from './settings.ts';

/** Which keys an event makes worth a look: whose issue it is about is for the look to find out. */
export function raceSignals(event: GitLabEvent, { project }: RacesSettings): Signal[] {
  if (event.project?.toLowerCase() !== project.toLowerCase()) return [];
  if (event.kind === 'issue') return [{ key: `race-issue:${project}#${event.iid}`, reason: 'issue event' }];
  if (event.kind !== 'note' || event.on !== 'issue' || event.iid === null) return [];
  return [{ key: `race-issue:${project}#${event.iid}`, reason: 'comment' }];
}
