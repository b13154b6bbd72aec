import type { Automation } from '../../engine/automation.ts';
import type { Documents } from '../../engine/documents/documents.ts';
import type { Signal } from '../../engine/intake/delivery.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import { libraryAudit } from './audit/reconcile.ts';
import { libraryConsumer, libraryConsumers } from './consumers/reconcile.ts';
import { libraries } from './libraries.ts';
import { library } from './reconcile.ts';
import type { LibraryTagsSettings } from './settings.ts';
import { libraryVersion } from './shipping/reconcile.ts';

/** All reconcilers of library tags, and the keys that look again by themselves. */
export function libraryTags(
  gitlab: GitLab,
  settings: LibraryTagsSettings,
  documents: Documents,
): { automations: Automation[]; standing: Signal[] } {
  return {
    automations: [
      library(gitlab, settings, documents),
      libraries(gitlab, settings),
      libraryVersion(gitlab, settings, documents),
      libraryAudit(gitlab, settings, documents),
      libraryConsumers(gitlab, settings),
      libraryConsumer(gitlab, settings, documents),
    ],
    standing: [
      ...settings.projects.map(pattern => `libraries:${pattern}`),
      ...(settings.consumers?.projects ?? []).map(pattern => `library-consumers:${pattern}`),
    ].map(key => ({ key, reason: 'the service has started' })),
  };
}
