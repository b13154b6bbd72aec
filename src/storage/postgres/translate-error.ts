import { SignalboxError } from '../../errors.ts';

/** What the server says when it cannot serve now, by class and by code; see PostgreSQL's appendix A. */
const GONE_CLASSES = new Set(['08', '57', '58']);
/** A statement of ours that was cancelled is no outage. */
const CANCELLED = '57014';
/** Too many connections; ended for waiting too long inside a transaction; a standby that only reads. */
const GONE_CODES = new Set(['53300', '25P03', '25006']);
const FULL = '53100';
/** Serialisation failure and deadlock: the transaction left nothing, and may be tried again. */
const CONFLICTS = new Set(['40001', '40P01']);
/** A right that is missing, and a schema that is not there. */
const RIGHTS_CODES = new Set(['42501', '3F000']);
const REFUSED_CLASSES = new Set(['28', '3D']);
/** What the network, or the client for it, says. */
const NETWORK = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOENT|ENOTFOUND|EAI_)/;
const CLIENT = /Connection terminated|timeout exceeded when trying to connect|Query read timeout|not queryable/i;

export function isConflict(error: unknown): boolean {
  return CONFLICTS.has(codeOf(error));
}

/** Whether the connection that said this is of no further use. */
export function isBroken(error: unknown): boolean {
  return error instanceof SignalboxError && error.code === 'SBX_DATABASE_UNAVAILABLE';
}

/** What is not a mistake of ours gets a code that people can look up; the address never appears, since it holds a password. */
export function translateError(error: unknown): unknown {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (code === FULL) return new SignalboxError('SBX_DATABASE_FULL', message, { cause: error });
  if (REFUSED_CLASSES.has(code.slice(0, 2)) && code.length === 5) {
    return new SignalboxError('SBX_DATABASE_REFUSED', message, { cause: error });
  }
  if (RIGHTS_CODES.has(code)) return new SignalboxError('SBX_DATABASE_RIGHTS', message, { cause: error });
  const gone = (code.length === 5 && GONE_CLASSES.has(code.slice(0, 2)) && code !== CANCELLED) || GONE_CODES.has(code);
  if (gone || NETWORK.test(code) || CLIENT.test(message)) {
    return new SignalboxError('SBX_DATABASE_UNAVAILABLE', message, { cause: error });
  }
  return error;
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}
