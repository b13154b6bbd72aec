import type { ErrorRow } from './error-row.ts';

/** Releases: running the script, promotion. */
export const RELEASE_RUNS = {
  SBX_RELEASE_NOT_FOUND: {
    status: 404,
    title: 'There is no such release',
    remedy: 'List what there is with: signalbox release list --product PRODUCT',
  },
  SBX_RELEASE_ENVIRONMENT_UNKNOWN: {
    status: 422,
    title: 'The product has no such environment',
    remedy: 'Name one of those that releases.products lists for it.',
  },
  SBX_RELEASE_NOT_READY: {
    status: 409,
    title: 'The release was not released where it has to be before',
    remedy: 'Release it there first; `signalbox release show` lists its runs.',
  },
  SBX_RELEASE_RUN_OPEN: {
    status: 409,
    title: 'A run of this release has not ended yet',
    remedy: 'Wait for its end, which `signalbox release log --follow` shows, and ask again.',
  },
  SBX_RELEASE_REJECTED: {
    status: 410,
    title: 'The bytes of the release are gone or damaged',
    remedy: 'Upload it again under a new version.',
  },
  SBX_RELEASE_RUN_SUPERSEDED: {
    status: 409,
    title: 'A run of the release script was replaced while it ran',
    remedy: 'Nothing to do: another process has taken the run over; `signalbox release show` says how it went on.',
  },
  SBX_RELEASE_DRY_RUN: {
    status: 503,
    title: 'The service is in dry run and runs no release script',
    remedy: 'The release is stored and queued; its script runs when the service is started without --dry-run.',
  },
  SBX_RELEASE_SCRIPT_NOT_STARTED: {
    status: 502,
    title: 'The release script could not be started',
    remedy:
      'Check that the script named in releases.products exists, and may be read and executed by the user of the service.',
  },
} as const satisfies Record<string, ErrorRow>;
