/** How the engine spaces its looks; all in milliseconds. */
export interface Pace {
  /** From a signal to the first look: lets a burst arrive and the sender finish its own jobs. */
  settle: number;
  /** Between two looks at a key that keeps getting signals; doubled with each look of the burst. */
  spacing: number;
  maxSpacing: number;
  /** First wait after a failure; doubled with each further one. */
  backOff: number;
  maxBackOff: number;
  /** Failed looks after which a key is laid aside for a person. Outages of the other side do not count. */
  attempts: number;
  /** A worker that has not renewed its lease for so long has lost it. */
  lease: number;
  /** How long an uncertain call may still take effect at the other side. */
  grace: number;
}

export const DEFAULT_PACE: Pace = {
  settle: 200,
  spacing: 2_000,
  maxSpacing: 30_000,
  backOff: 1_000,
  maxBackOff: 5 * 60_000,
  attempts: 10,
  lease: 15_000,
  grace: 10_000,
};

/** The wait after the nth failed look in a row (n >= 1): exponential, with jitter so that many keys do not come back at once. */
export function backOffDelay(pace: Pace, failures: number, random: () => number): number {
  const full = Math.min(pace.maxBackOff, pace.backOff * 2 ** (failures - 1));
  return Math.round(full * (0.5 + random() / 2));
}

/** The earliest next look at a key, given how its present burst went. */
export function earliestLook(pace: Pace, key: { lastStartedAt: number | null; burst: number }, now: number): number {
  const settled = now + pace.settle;
  // Begun in the future: the clock was set back since.
  if (key.lastStartedAt === null || key.lastStartedAt > now || key.burst === 0) return settled;
  return Math.max(settled, key.lastStartedAt + burstSpacing(pace, key.burst));
}

/** A burst is over when nothing was looked at for twice the spacing. */
export function nextBurst(pace: Pace, key: { lastStartedAt: number | null; burst: number }, now: number): number {
  if (key.lastStartedAt === null) return 1;
  return now - key.lastStartedAt > 2 * burstSpacing(pace, key.burst) ? 1 : key.burst + 1;
}

function burstSpacing(pace: Pace, burst: number): number {
  return Math.min(pace.maxSpacing, pace.spacing * 2 ** Math.max(0, burst - 1));
}
