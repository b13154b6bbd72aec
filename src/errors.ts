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
    remedy: 'Nothing was changed. Restore the file from a backup, or move it away to begin anew; the markers in GitLab keep effects from being repeated.',
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

  constructor(code: ErrorCode, detail: string, options: { faults?: readonly Fault[]; cause?: unknown } = {}) {
    super(`${ERRORS[code].title}: ${detail}`, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'SignalboxError';
    this.code = code;
    this.detail = detail;
    this.faults = options.faults ?? [];
  }
}
