import type { ErrorCode } from '../../errors.ts';
import type { ReleaseState } from './model.ts';

/** Which error it is for who waits for the release, where its end is one. */
export const FATES: Partial<Record<ReleaseState, ErrorCode>> = {
  failed: 'SBX_RELEASE_FAILED',
  rejected: 'SBX_RELEASE_FAILED',
  timed_out: 'SBX_RELEASE_TIMED_OUT',
  interrupted: 'SBX_RELEASE_INTERRUPTED',
};

/** How the script ended, for that error's detail. */
export function fateOf(exit: number | null, signal: string | null, state: ReleaseState): string {
  if (exit !== null) return `the script ended with ${exit}`;
  return signal === null ? state.replace('_', ' ') : `the script was ended by ${signal}`;
}
