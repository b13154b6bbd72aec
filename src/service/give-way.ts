/** With no more than this many deliveries at once, reading begins at once; a team at work is never put off. */
const FEW = 4;
/** More deliveries than this within one WINDOW (milliseconds) make a flood. */
const FLOOD = 50;
const WINDOW = 250;
/** The longest that reading is put off, in milliseconds, however long the flood lasts. */
const LONGEST = 5000;

export interface GivingWay {
  /** A delivery was stored while `inFlight` were between their first byte and their answer. */
  stored: (inFlight: number) => void;
  stop: () => void;
}

/**
 * Puts the reading of stored deliveries off while they flood in. Reading holds the one database connection for many round
 * trips, and every unanswered delivery waits for it meanwhile. They are on disk
 * already, so nothing is lost by reading them when the flood ebbs, at the latest after five seconds.
 */
export function giveWay(read: () => void): GivingWay {
  let arrived = 0;
  let waitingSince: number | undefined;
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    const flooding = arrived > FLOOD;
    arrived = 0;
    if (waitingSince === undefined || (flooding && performance.now() - waitingSince < LONGEST)) return;
    waitingSince = undefined;
    clearInterval(timer);
    timer = undefined;
    read();
  }

  return {
    stored: inFlight => {
      arrived++;
      if (inFlight <= FEW && waitingSince === undefined) {
        read();
        return;
      }
      waitingSince ??= performance.now();
      timer ??= setInterval(look, WINDOW).unref();
    },
    stop: () => clearInterval(timer),
  };
}
