import type { ReleaseDocument, ReleaseRun } from '../automations/release/model.ts';

/** A run of a release's script that a person has to see to. */
export interface FailedRun {
  release: ReleaseDocument;
  run: ReleaseRun;
}

/** So many releases are looked through, those changed last: neither a page nor a scrape must read all there ever were. */
export const LOOKED_THROUGH = 500;

const isOpen = ({ state }: ReleaseRun) => state === 'queued' || state === 'running';

/**
 * The newest run of each product's line in each environment, where it has failed: one that a later run there has overtaken
 * needs nobody, nor does one that is being tried again, or whose release was withdrawn. A run that was queued and has
 * not ended says nothing yet.
 */
export function failedRuns(releases: readonly ReleaseDocument[]): FailedRun[] {
  const newest = new Map<string, FailedRun>();
  for (const release of releases) {
    for (const run of release.runs) {
      const channel = `${release.product}/${release.line}/${run.environment}`;
      const known = newest.get(channel);
      if (!isOpen(run) && (!known || isLater({ release, run }, known))) newest.set(channel, { release, run });
    }
  }
  return [...newest.values()].filter(
    ({ release, run }) =>
      !release.yanked &&
      (release.state === 'rejected' || run.state !== 'released') &&
      !release.runs.some(other => isOpen(other) && other.environment === run.environment),
  );
}

function isLater(one: FailedRun, other: FailedRun): boolean {
  const by =
    one.run.queuedAt - other.run.queuedAt ||
    one.release.committedAt - other.release.committedAt ||
    one.run.attempt - other.run.attempt;
  return by > 0;
}
