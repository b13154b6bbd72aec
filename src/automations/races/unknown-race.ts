import type { RaceSituation } from './facts.ts';
import { rulesOf } from './rules.ts';
import type { RacesSettings } from './settings.ts';

/** The facts about a fingerprint that no box has reported. */
export function unknownRace(fingerprint: string, settings: RacesSettings, now: number, today: string): RaceSituation {
  return {
    now,
    today,
    asked: false,
    known: false,
    label: settings.label,
    confidential: settings.confidential,
    settings: rulesOf(settings),
    race: { fingerprint, confidence: 'mixed', rank: 0 },
    fresh: [],
    newVariants: [],
    shown: { hosts: [], builds: [], perDay: 0, notedOn: null },
    issue: null,
    missingLabel: null,
    dependencyLabel: null,
    openedToday: 0,
    baseline: null,
    neighbours: [],
    fannedOutTo: null,
    suppression: null,
    suppressionFault: null,
    human: { mergedInto: null, ignoredUntil: null, ignoreReason: null },
    view: {
      project: settings.project,
      title: '',
      type: '',
      detector: 'go',
      incomplete: false,
      firstAt: 0,
      lastAt: 0,
      count: 0,
      rows: [],
      today: [],
      variants: 0,
      attached: [],
      toldApartFrom: null,
      cleanHours: null,
    },
    talk: { hasStatus: false, status: null, todaysNote: null, faults: [] },
    relink: false,
    takeUp: null,
    attachedTo: null,
    cells: {},
    handled: {},
    before: null,
    allVariants: [],
  };
}
