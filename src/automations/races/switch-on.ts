import type { Automation } from '../../engine/automation.ts';
import type { Documents } from '../../engine/documents/documents.ts';
import type { Signal } from '../../engine/intake/delivery.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import { racesContext } from './context.ts';
import { race } from './reconcile.ts';
import { raceBoxes } from './reconcile-boxes.ts';
import { raceDigest } from './reconcile-digest.ts';
import { raceIssue } from './reconcile-issue.ts';
import type { RacesSettings } from './settings.ts';

export interface RacesOptions {
  gitlab: GitLab;
  documents: Documents;
  settings: RacesSettings;
  now: () => number;
}

/** All reconcilers of the races, and the keys that look again by themselves. */
export function raceAutomations(options: RacesOptions): { automations: Automation[]; standing: Signal[] } {
  const { gitlab, documents, settings, now } = options;
  const context = racesContext(gitlab, documents, settings, now);
  return {
    automations: [race(context), raceIssue(context), raceDigest(context), raceBoxes(context)],
    standing: [{ key: `race-boxes:${settings.project}`, reason: 'the service has started' }],
  };
}
