/**
 * Every error a user can meet, in one table: the HTTP status, a title that never changes, and what to do about it.
 * From here they become problem+json, command-line text and a page in the docs.
 */
export const ERRORS = {
  // configuration
  SBX_CONFIG_NOT_FOUND: {
    status: 500,
    title: 'The configuration file cannot be read',
    remedy: 'Name it with --config FILE, or write a first one with: signalbox init',
  },
  SBX_CONFIG_INVALID: {
    status: 500,
    title: 'The configuration is not valid',
    remedy: 'Correct the lines named above; `signalbox config schema` prints a JSON Schema that editors complete from.',
  },
  SBX_CONFIG_NOT_WRITTEN: {
    status: 500,
    title: 'The configuration file cannot be written',
    remedy: 'Name another place with --config FILE; an existing file is replaced only with --force.',
  },
  SBX_WEBHOOK_SECRET_MISSING: {
    status: 500,
    title: 'No webhook secret is configured',
    remedy:
      'Set a secret at the webhook in GitLab and name it in gitlab.webhook.signing_tokens (GitLab 19 and newer) or gitlab.webhook.secret_tokens.',
  },
  SBX_SECRET_UNREADABLE: {
    status: 500,
    title: 'A secret cannot be read',
    remedy: 'Check that the file, environment variable or systemd credential exists, is not empty and may be read.',
  },

  // releases: running the script
  SBX_RELEASE_NOT_FOUND: {
    status: 404,
    title: 'There is no such release',
    remedy: 'List what there is with: signalbox release list --product PRODUCT',
  },
  SBX_RELEASE_RUN_SUPERSEDED: {
    status: 409,
    title: 'A run of the release script was replaced while it ran',
    remedy: 'Nothing to do: another process has taken the run over; `signalbox release show` says how it went on.',
  },
  SBX_RELEASE_SCRIPT_NOT_STARTED: {
    status: 502,
    title: 'The release script could not be started',
    remedy:
      'Check that the script named in releases.products exists, and may be read and executed by the user of the service.',
  },

  // storage
  SBX_DATA_DIRECTORY_UNUSABLE: {
    status: 500,
    title: 'The data directory cannot be used',
    remedy: 'Check that `service.data_dir` exists on a mounted, writable disk and belongs to the user of the service.',
  },
  SBX_DATA_DIRECTORY_IN_USE: {
    status: 500,
    title: 'Another signalbox process uses this data directory',
    remedy: 'End the other process, or give this one a `service.data_dir` of its own.',
  },
  SBX_DATABASE_DAMAGED: {
    status: 500,
    title: 'The database cannot be opened',
    remedy:
      'Nothing was changed. Restore the file from a backup, or move it away to begin anew; the markers in GitLab keep effects from being repeated.',
  },

  // intake of webhooks
  SBX_WEBHOOK_NOT_AUTHENTIC: {
    status: 401,
    title: 'The webhook request is not authentic',
    remedy: 'Set the same secret at the sender and in `webhook.signing_tokens` or `webhook.secret_tokens`.',
  },
  SBX_WEBHOOK_NOT_JSON: {
    status: 400,
    title: 'The webhook body is not JSON',
    remedy: 'Remove the custom webhook template, or make it produce a JSON object.',
  },
  SBX_WEBHOOK_TOO_LARGE: {
    status: 413,
    title: 'The webhook body is too large',
    remedy: 'GitLab sends at most 25 MB. Check what is sending to this address.',
  },
  SBX_WEBHOOK_ABORTED: {
    status: 400,
    title: 'The webhook request broke off',
    remedy: 'Nothing was stored. Check the proxy between the sender and this service.',
  },
  SBX_INTAKE_OVERLOADED: {
    status: 503,
    title: 'Too many deliveries wait for the disk',
    remedy: 'Send it again later. Check how fast the disk of `service.data_dir` writes.',
  },
  SBX_INTAKE_NOT_STORED: {
    status: 503,
    title: 'The delivery could not be stored',
    remedy: 'Send it again later. Check free space on and health of the disk of `service.data_dir`.',
  },

  SBX_INTAKE_LOG_DAMAGED: {
    status: 500,
    title: 'A part of the intake log is damaged',
    remedy:
      "The log line names the copy that was kept. Check the health of the disk; `signalbox replay` on the projects' `resync:` keys looks at what was lost.",
  },
  SBX_INTAKE_LOG_UNUSABLE: {
    status: 500,
    title: 'The intake log cannot be read',
    remedy:
      'Restore the file `intake/id` of `service.data_dir`, or move the directory `intake` away to begin anew without its deliveries.',
  },

  // the other side, as seen by our HTTP client
  SBX_REMOTE_UNREACHABLE: {
    status: 502,
    title: 'The other side cannot be reached',
    remedy: 'Nothing was sent. It is tried again by itself; check address, DNS, certificate and firewall if it lasts.',
  },
  SBX_REMOTE_UNCERTAIN: {
    status: 502,
    title: 'The other side did not answer to the end',
    remedy: 'Whether the call took effect is settled by looking; nothing needs to be done.',
  },
  SBX_REMOTE_UNAVAILABLE: {
    status: 502,
    title: 'The other side has trouble of its own',
    remedy: 'It is tried again by itself; look at the status of the other service if it lasts.',
  },
  SBX_REMOTE_THROTTLED: {
    status: 503,
    title: 'The other side asks to be called less often',
    remedy: 'It is tried again at the time it named. Raise the rate limit of the token if this is frequent.',
  },
  SBX_REMOTE_REFUSED: {
    status: 502,
    title: 'The other side refused the call',
    remedy: 'Read its message; most often the token lacks a role or a scope: run `signalbox doctor`.',
  },
  SBX_REMOTE_UNEXPECTED: {
    status: 502,
    title: 'The other side answered in a shape that is not understood',
    remedy: 'Check that the address is the service it should be, and its version; then report this.',
  },

  // effects
  SBX_EFFECT_UNCERTAIN: {
    status: 502,
    title: 'It is not known yet whether a change took effect',
    remedy: 'It is looked for again by itself before anything is repeated.',
  },

  // git over HTTP
  SBX_GIT_ANSWER_TOO_LARGE: {
    status: 502,
    title: 'A git server sends more than is taken into memory',
    remedy: 'Look for a huge file or a huge unmerged history behind a version tag of this repository.',
  },

  // engine
  SBX_KEY_WITHOUT_AUTOMATION: {
    status: 404,
    title: 'No automation is switched on for this key',
    remedy: 'Check the spelling of the key, and that the configuration has the section of its automation.',
  },
  SBX_PROJECT_NOT_CONFIGURED: {
    status: 404,
    title: 'The project is not configured for this automation',
    remedy: 'Add it to the automation’s section of the configuration, or check the spelling.',
  },
  SBX_DELIVERY_NOT_FOUND: {
    status: 404,
    title: 'There is no such delivery',
    remedy: 'List deliveries with `signalbox journal`; old ones are removed after a while.',
  },
  SBX_KEY_NEVER_SEEN: {
    status: 404,
    title: 'Nothing is known about this key',
    remedy: 'Check the spelling, for example merge-request:group/project!12; `signalbox journal` lists recent keys.',
  },
  SBX_NOT_SIGNED_IN: {
    status: 401,
    title: 'A token is needed',
    remedy: 'Send `Authorization: Bearer …` with one of `service.api_tokens`.',
  },
  SBX_ROLE_TOO_LOW: {
    status: 403,
    title: 'This takes the role operator',
    remedy: 'Use a token with `role: operator`.',
  },
  SBX_ROUTE_NOT_FOUND: {
    status: 404,
    title: 'There is nothing at this address',
    remedy: 'Check the address and the method.',
  },
  SBX_REQUEST_INVALID: {
    status: 400,
    title: 'The request is not valid',
    remedy: 'Correct what is named in the detail.',
  },
  SBX_ADDRESS_IN_USE: {
    status: 500,
    title: 'The address to listen on is taken',
    remedy: 'End the other program, or change `service.listen`; port 0 takes any free one.',
  },
  SBX_SERVICE_NOT_RUNNING: {
    status: 503,
    title: 'The service does not answer',
    remedy: 'Start it with: signalbox serve',
  },
  SBX_LOOK_FAILED: {
    status: 502,
    title: 'The look did not come to a result',
    remedy:
      'Read the detail; `signalbox explain KEY` shows what is known, and `signalbox doctor` checks the connection.',
  },
  SBX_USAGE: {
    status: 400,
    title: 'The command line is not right',
    remedy: 'See the help of the command: signalbox COMMAND --help',
  },
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

  // everything else
  SBX_INTERNAL: {
    status: 500,
    title: 'Something went wrong inside signalbox',
    remedy: 'It is tried again by itself. Report it with the log lines of this request if it lasts.',
  },
} as const satisfies Record<string, { status: number; title: string; remedy: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** One of several faults in the same input, e.g. a configuration line or a metadata field. */
export interface Fault {
  /** Where: `signalbox.yaml:12:5`, a JSON pointer, a header name. */
  at: string;
  message: string;
}

/** An error from the table above; `detail` says what was found this time, and never holds a secret. */
export class SignalboxError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly faults: readonly Fault[];
  /** Not before this time is it worth trying again, ms since the epoch. */
  readonly retryAt: number | undefined;
  /** The HTTP status that the other side answered with, where it did. */
  readonly remoteStatus: number | undefined;

  constructor(code: ErrorCode, detail: string, options: ErrorOptions = {}) {
    super(`${ERRORS[code].title}: ${detail}`, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'SignalboxError';
    this.code = code;
    this.detail = detail;
    this.faults = options.faults ?? [];
    this.retryAt = options.retryAt;
    this.remoteStatus = options.remoteStatus;
  }
}

interface ErrorOptions {
  faults?: readonly Fault[];
  cause?: unknown;
  retryAt?: number;
  remoteStatus?: number;
}

/** Whether a failed call may have taken effect all the same: then it must be looked for, not repeated. */
export function isUncertain(error: unknown): boolean {
  return error instanceof SignalboxError && error.code === 'SBX_REMOTE_UNCERTAIN';
}

/** Whether the cause lies with the other side and goes away by itself: such failures never lay a key aside. */
export function isPassing(error: unknown): boolean {
  return error instanceof SignalboxError && PASSING.has(error.code);
}

const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'SBX_REMOTE_UNREACHABLE',
  'SBX_REMOTE_UNCERTAIN',
  'SBX_REMOTE_UNAVAILABLE',
  'SBX_REMOTE_THROTTLED',
  'SBX_EFFECT_UNCERTAIN',
]);
