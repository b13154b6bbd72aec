import type { EngineLog } from '../engine/log.ts';
import { ERRORS, SignalboxError } from '../errors.ts';
import { isWithheld } from './problem.ts';

/** Which request failed; its query may hold somebody's secret and is left out. */
export interface FailedRequest {
  id: string;
  method: string;
  /** The registered path, or that of the address. */
  route: string;
}

/** While a disk or a database is away, every request fails in the same way: one line in so many ms says it. */
const REPEATED_AFTER = 60_000;

/** Writes down what the answer to a request does not say: mistakes of ours, and what storage said. */
export function createFailureLog(log: EngineLog, now: () => number) {
  const said = new Map<string, number>();
  return (error: unknown, { id, method, route }: FailedRequest): void => {
    const request = { request_id: id, method, route };
    if (!(error instanceof SignalboxError)) {
      const happened = error instanceof Error ? (error.stack ?? error.message) : String(error);
      log.error('a request could not be answered', { ...request, code: 'SBX_INTERNAL', error: happened });
      return;
    }
    const { code, detail } = error;
    const last = said.get(code);
    if (isWithheld(code)) {
      if (last !== undefined && Math.abs(now() - last) < REPEATED_AFTER) return;
      said.set(code, now());
    } else if (ERRORS[code].status !== 500) return;
    log.error('a request could not be answered', { ...request, code, detail, what_to_do: ERRORS[code].remedy });
  };
}
