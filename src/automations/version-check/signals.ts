import { findProject } from '../../config/projects.ts';
import type { Signal } from '../../engine/intake/delivery.ts';
import type { GitLabEvent } from '../../gitlab/webhook/read-webhook.ts';
import type { VersionCheckOptions } from './rules.ts';

/** Which keys a GitLab event makes worth a look. The event's content is not believed: it only says where to look. */
export function versionCheckSignals(event: GitLabEvent, options: VersionCheckOptions): Signal[] {
  const project = event.project === null ? undefined : findProject(options.settings.projects, event.project)?.project;
  if (project === undefined) return [];
  switch (event.kind) {
    case 'merge-request':
      return [{ key: `merge-request:${project}!${event.iid}`, reason: `merge request event${suffix(event.action)}` }];
    case 'note':
      if (event.on !== 'merge-request' || event.iid === null) return [];
      return [{ key: `merge-request:${project}!${event.iid}`, reason: 'a comment' }];
    case 'push':
      return [{ key: `target-branch:${project}:${event.branch}`, reason: 'a push' }];
    case 'issue':
    case 'tag':
    case 'other':
      return [];
  }
}

function suffix(action: string | null): string {
  return action === null ? '' : `: ${action}`;
}
