import { isPassing, SignalboxError } from '../../../errors.ts';

/** Time and chance, given by whoever runs the job, so that tests need neither. */
export interface Pace {
  sleep: (milliseconds: number) => Promise<void>;
  /** From 0 to 1. */
  random: () => number;
  /** Milliseconds since the epoch. */
  now: () => number;
}

export type Retry = <T>(run: () => Promise<T>) => Promise<T>;

/** No patience: for who is called again by somebody else. */
export const once: Retry = run => run();

export interface Patience {
  /** Runs something that changes nothing, again after a disturbance that passes; as often as a disturbance may last. */
  retry: Retry;
  /** Another job was faster: waits a short random while. */
  conflict: () => Promise<void>;
  /** A write that did not happen: waits longer each time, and gives up with this error in the end. */
  fault: (error: SignalboxError) => Promise<void>;
}

/** Each lost race is another job's success, so there are as many as there are jobs; hundreds at once are no sane pipeline. */
const CONFLICTS = 200;
/** About a minute altogether: a restart of GitLab behind its proxy, and no more. */
const FAULTS = 10;
/** An answer may be cut off; an address that is no repository stays none. */
const MISUNDERSTANDINGS = 5;
/** After so long what is waited for is worth a line, ms. */
const WORTH_A_LINE = 5_000;
/** Or after so many tries, which are no second apart. */
const WORTH_A_LINE_TRIES = 5;
/** Tries that took so long together are the end, ms, without the pauses: a server that does not answer takes half a minute each time. */
const LONGEST = 150_000;
const LONGEST_BACK_OFF = 10_000;
const LONGEST_WAIT = 120_000;

export interface PatienceOptions {
  /** So often one thing is tried again. */
  faults?: number;
  /** The longest that a server may ask to be left alone, ms. */
  longestWait?: number;
  /** Told once what is waited for, where that takes long enough to be worth a line. */
  waits?: (error: SignalboxError) => void;
}

type Limits = Required<Pick<PatienceOptions, 'faults' | 'longestWait'>>;

/** How often and how long one run tries. */
export function startPatience(pace: Pace, options: PatienceOptions = {}): Patience {
  const limits: Limits = { faults: FAULTS, longestWait: LONGEST_WAIT, ...options };
  let told = false;
  let conflicts = 0;
  let faults = 0;
  return {
    async conflict() {
      conflicts += 1;
      if (conflicts > CONFLICTS) {
        throw new SignalboxError('SBX_TAG_CONTESTED', `other jobs were faster ${CONFLICTS} times`);
      }
      faults = 0;
      await pace.sleep(pace.random() * Math.min(1_500, 50 * (1 + conflicts)));
    },
    async fault(error) {
      faults += 1;
      await backOff(pace, limits, faults, error);
    },
    async retry(run) {
      const began = pace.now();
      const tell = (error: SignalboxError) => {
        if (!told) options.waits?.(error);
        told = true;
      };
      let tried = 0;
      for (let turn = 1; ; turn++) {
        const start = pace.now();
        try {
          return await run();
        } catch (error) {
          if (!(error instanceof SignalboxError) || !isDisturbance(error)) throw error;
          tried += pace.now() - start;
          if (tried >= LONGEST) throw error;
          if (pace.now() - began > WORTH_A_LINE || turn === WORTH_A_LINE_TRIES) tell(error);
          await backOff(pace, limits, turn, error);
        }
      }
    },
  };
}

/** Waits before the next try, in the mean twice as long each time, or until the time the server named. */
async function backOff(pace: Pace, limits: Limits, turn: number, error: SignalboxError): Promise<void> {
  const asked = error.retryAt === undefined ? 0 : error.retryAt - pace.now();
  const limit = error.code === 'SBX_REMOTE_UNEXPECTED' ? Math.min(MISUNDERSTANDINGS, limits.faults) : limits.faults;
  if (turn > limit || asked > limits.longestWait) throw error;
  const wait = Math.min(LONGEST_BACK_OFF, 50 * 2 ** turn) * (0.5 + pace.random());
  await pace.sleep(Math.max(wait, asked));
}

/** What may go away: the other side's troubles, an answer cut off, and refusals that are not about rights (a proxy's 400). */
function isDisturbance(error: SignalboxError): boolean {
  if (isPassing(error) || error.code === 'SBX_REMOTE_UNEXPECTED') return true;
  if (error.code !== 'SBX_REMOTE_REFUSED' || error.remoteStatus === undefined) return false;
  return error.remoteStatus >= 400 && ![401, 403, 404].includes(error.remoteStatus);
}
