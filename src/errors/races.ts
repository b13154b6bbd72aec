import type { ErrorRow } from './error-row.ts';

/** Race reports: reading and receiving them. */
export const RACES = {
  // reading race reports out of logs
  SBX_SCAN_STATE_UNUSABLE: {
    status: 500,
    title: 'What earlier scans have read cannot be remembered',
    remedy:
      'Check that the state file and its folder may be written. If the file is damaged, move it away: logs are then read from their beginning; reports out of rotated logs may be counted once more.',
  },
  SBX_SCAN_INCOMPLETE: {
    status: 500,
    title: 'Not everything could be read',
    remedy: 'Let the user of the scan read these logs (most often: add it to the group adm), or name other paths.',
  },
  SBX_RACES_NOT_SENT: {
    status: 502,
    title: 'The service did not take the race reports',
    remedy: 'Nothing is lost: the next scan sends them again. Check the address of --service and the token.',
  },

  // race reports that boxes send
  SBX_RACE_SOURCE_UNKNOWN: {
    status: 401,
    title: 'The sender of race reports is not known',
    remedy: 'Send `Authorization: Bearer …` with the token of one of `races.sources`.',
  },
  SBX_RACE_SOURCE_OTHER: {
    status: 403,
    title: 'The token belongs to another source',
    remedy: 'Leave `source` out, or send the token that `races.sources` has for it.',
  },
  SBX_RACE_BATCH_TOO_LARGE: {
    status: 413,
    title: 'The batch of race reports is too large',
    remedy: 'Send fewer reports at once; `signalbox races scan` does so by itself.',
  },
  SBX_RACE_REPORT_UNREADABLE: {
    status: 422,
    title: 'There is no race report in the text',
    remedy:
      'Send the report with its first line, or the whole log; `signalbox races scan FILE` shows what is found in it.',
  },
} as const satisfies Record<string, ErrorRow>;
