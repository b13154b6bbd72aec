import type { RaceSituation } from './facts.ts';
import type { RacesSettings } from './settings.ts';

const DAY = 86_400_000;

/** The settings, as the decision wants them. */
export function rulesOf(settings: RacesSettings): RaceSituation['settings'] {
  return {
    comment: settings.comment,
    dailyCap: settings.new_issues_per_day,
    reopenDays: settings.reopen_within / DAY,
    fanOut: settings.fan_out,
  };
}
