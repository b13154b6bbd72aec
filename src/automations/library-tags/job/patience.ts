import { isPassing, SignalboxError } from '../../../errors.ts';

/** Time and chance, given by whoever runs the job, so that tests need neither. */
export interface Pace {
  sleep: (milliseconds: number) => Promise<void>;
  /** From 0 to 1. */
  random: () => number;
  /** Milliseconds since the epoch. */
  now: () => number;
}

export interface Patience {
  /** Runs something that changes nothing, again after a disturbance that passes. */
  retry: <T>(run: () => Promise<T>) => Promise<T>;
  /** Another job was faster: waits a short random while. */
  conflict: () => Promise<void>;
  /** A disturbance of the other side: waits longer each time, and gives up with this error in the end. */
  fault: (error: SignalboxError) => Promise<void>;
}

/** Each lost race is another job's success, so there are as many as there are jobs; a hundred at once are no sane pipeline. */
const CONFLICTS = 200;
/** About a minute altogether: a restart of GitLab behind its proxy, and no more. */
const FAULTS = 10;
const LONGEST_WAIT = 120_000;

/** How often and how long one run tries; the budget is for all of its steps together. */
export function startPatience(pace: Pace): Patience {
  let conflicts = 0;
  let faults = 0;
  const fault = async (error: SignalboxError): Promise<void> => {
    faults += 1;
    if (faults > FAULTS) throw error;
    const backOff = Math.min(10_000, 100 * 2 ** faults) * (0.5 + pace.random());
    const asked = error.retryAt === undefined ? 0 : error.retryAt - pace.now();
    if (asked > LONGEST_WAIT) throw error;
    await pace.sleep(Math.max(backOff, asked));
  };
  return {
    fault,
    async conflict() {
      conflicts += 1;
      if (conflicts > CONFLICTS) {
        throw new SignalboxError('SBX_TAG_CONTESTED', `other jobs were faster ${CONFLICTS} times`);
      }
      faults = 0;
      await pace.sleep(pace.random() * Math.min(1_500, 100 * (1 + conflicts)));
    },
    async retry(run) {
      for (;;) {
        try {
          return await run();
        } catch (error) {
          if (!(error instanceof SignalboxError) || !isDisturbance(error)) throw error;
          await fault(error);
        }
      }
    },
  };
}

/** What may go away: the other side's troubles, an answer cut off, and refusals that are not about rights (a proxy's 400). */
function isDisturbance(error: SignalboxError): boolean {
  if (isPassing(error) || error.code === 'SBX_REMOTE_UNEXPECTED') return true;
  if (error.code !== 'SBX_REMOTE_REFUSED' || error.remoteStatus === undefined) return false;
  return error.remoteStatus >= 400 && ![401, 403, 404].includes(error.remoteStatus);
}
