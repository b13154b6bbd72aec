import { ERRORS, type ErrorCode, SignalboxError } from '../errors.ts';
import { writeOut } from './write-out.ts';

/** Faults in what the user wrote, as against operations that failed. */
const USAGE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'SBX_CONFIG_NOT_FOUND',
  'SBX_CONFIG_INVALID',
  'SBX_CASES_INVALID',
  'SBX_SECRET_UNREADABLE',
  'SBX_WEBHOOK_SECRET_MISSING',
  'SBX_USAGE',
]);

/**
 * Says on standard error what went wrong and what to do.
 *
 * @returns the exit code: 2 for wrong usage or configuration, 1 for what failed
 */
export function reportError(error: unknown): 1 | 2 {
  if (error instanceof SignalboxError) {
    const { title, remedy } = ERRORS[error.code];
    const lines = [`${error.code}: ${title}`, `  ${error.detail}`];
    for (const fault of error.faults) lines.push(`  ${fault.at} ${fault.message}`);
    lines.push(`  ${remedy}`);
    writeOut(2, `${lines.join('\n')}\n`);
    return USAGE.has(error.code) ? 2 : 1;
  }
  writeOut(2, `SBX_INTERNAL: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}
