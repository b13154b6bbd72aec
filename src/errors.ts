import { CONFIGURATION } from './errors/configuration.ts';
import type { ErrorRow } from './errors/error-row.ts';
import { ESCALATION } from './errors/escalation.ts';
import { INTAKE } from './errors/intake.ts';
import { LIBRARY_TAGS } from './errors/library-tags.ts';
import { RACES } from './errors/races.ts';
import { RELEASE_RUNS } from './errors/release-runs.ts';
import { RELEASE_UPLOADS } from './errors/release-uploads.ts';
import { REMOTE } from './errors/remote.ts';
import { SERVICE } from './errors/service.ts';
import { STORAGE } from './errors/storage.ts';

/**
 * Every error a user can meet, in one table: the HTTP status, a title that never changes, and what to do about it.
 * From here they become problem+json, command-line text and a page in the docs.
 */
export const ERRORS = {
  ...CONFIGURATION,
  ...RELEASE_RUNS,
  ...RELEASE_UPLOADS,
  ...STORAGE,
  ...INTAKE,
  ...REMOTE,
  ...LIBRARY_TAGS,
  ...SERVICE,
  ...RACES,
  ...ESCALATION,
  SBX_INTERNAL: {
    status: 500,
    title: 'Something went wrong inside signalbox',
    remedy: 'It is tried again by itself. Report it with the log lines of this request if it lasts.',
  },
} as const satisfies Record<string, ErrorRow>;

export type { ErrorRow };

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
  /** More members for the problem document: names and values without secrets. */
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, detail: string, options: ErrorOptions = {}) {
    super(`${ERRORS[code].title}: ${detail}`, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'SignalboxError';
    this.code = code;
    this.detail = detail;
    this.faults = options.faults ?? [];
    this.retryAt = options.retryAt;
    this.remoteStatus = options.remoteStatus;
    this.extensions = options.extensions ?? {};
  }
}

interface ErrorOptions {
  faults?: readonly Fault[];
  cause?: unknown;
  retryAt?: number;
  remoteStatus?: number;
  extensions?: Readonly<Record<string, unknown>>;
}

/** Whether a failed call may have taken effect all the same: then it must be looked for, not repeated. */
export function isUncertain(error: unknown): boolean {
  return isCoded(error, 'SBX_REMOTE_UNCERTAIN');
}

/** Whether it is this error of ours. */
export function isCoded(error: unknown, code: ErrorCode): error is SignalboxError {
  return error instanceof SignalboxError && error.code === code;
}

/** Whether it is about a project or product that the configuration does not have: no new look and no person makes it better. */
export function isNotConfigured(error: unknown): error is SignalboxError {
  return isCoded(error, 'SBX_PROJECT_NOT_CONFIGURED') || isCoded(error, 'SBX_PRODUCT_NOT_CONFIGURED');
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
  // Where it is still held: leases could not be renewed, which is not the key's fault.
  'SBX_LEASE_LOST',
  'SBX_DATABASE_UNAVAILABLE',
  'SBX_DATABASE_FULL',
  'SBX_DATABASE_UNWRITABLE',
  'SBX_ARTIFACTS_UNREACHABLE',
]);
