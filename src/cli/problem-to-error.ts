import { ERRORS, type ErrorCode, type Fault, SignalboxError } from '../errors.ts';

/** The coded error in a problem document, or the nearest one to whatever a proxy has answered. */
export function problemToError(status: number, text: string, url: string): SignalboxError {
  const problem = parse(text);
  if (problem !== null && problem.code in ERRORS) {
    return new SignalboxError(problem.code as ErrorCode, problem.detail ?? '', {
      remoteStatus: status,
      faults: problem.errors ?? [],
    });
  }
  return new SignalboxError('SBX_REMOTE_REFUSED', `${url} answered ${status}`, { remoteStatus: status });
}

function parse(text: string): { code: string; detail?: string; errors?: Fault[] } | null {
  try {
    const problem: unknown = JSON.parse(text);
    const isProblem = typeof problem === 'object' && problem !== null && 'code' in problem;
    return isProblem && typeof problem.code === 'string' ? (problem as { code: string }) : null;
  } catch {
    return null;
  }
}
