/** One look at the service; sizes in bytes. */
export interface Sample {
  /** Since the first one, ms. */
  at: number;
  rss: number;
  heap: number;
  /** Outside V8's heap. */
  external: number;
  files: number;
  /** The 99th hundredth of how late the event loop was, seconds. */
  delay: number;
  database: number;
}

export interface SoakVerdict {
  flat: boolean;
  /** What grew, in words; empty where nothing did. */
  grown: string[];
  /** By how much it grows in an hour, going by everything after the warm-up. */
  perHour: { rss: number; heap: number; files: number };
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MIB = 1024 * 1024;
/** From the beginning to the end of what is judged; a share of the mean where that is more. */
const MAY_GROW = { rss: 8 * MIB, heap: 3 * MIB, files: 3 };
const SHARE = 0.05;

/**
 * Judges the second two thirds of a soak. A collector lets memory rise and fall, so each minute counts with its least; what a
 * leak adds is in the least, too.
 */
export function judgeSoak(samples: readonly Sample[]): SoakVerdict {
  const end = samples.at(-1)?.at ?? 0;
  const judged = samples.filter(({ at }) => at >= end / 3);
  const minutes = [...Map.groupBy(judged, ({ at }) => Math.floor(at / MINUTE)).values()];
  const perHour = { rss: 0, heap: 0, files: 0 };
  const grown: string[] = [];
  for (const what of ['rss', 'heap', 'files'] as const) {
    const points = minutes.map(those => ({ x: mean(those.map(s => s.at)), y: Math.min(...those.map(s => s[what])) }));
    const slope = slopeOf(points);
    perHour[what] = slope * HOUR;
    const rise = slope * ((end * 2) / 3);
    const least = Math.max(MAY_GROW[what], SHARE * mean(points.map(({ y }) => y)));
    if (rise > least) grown.push(`${what} rises by ${inUnits(what, rise)}, of ${inUnits(what, least)} that it may`);
  }
  return { flat: grown.length === 0, grown, perHour };
}

/** Of the straight line that lies nearest, by least squares. */
function slopeOf(points: readonly { x: number; y: number }[]): number {
  const x = mean(points.map(point => point.x));
  const y = mean(points.map(point => point.y));
  let products = 0;
  let squares = 0;
  for (const point of points) {
    products += (point.x - x) * (point.y - y);
    squares += (point.x - x) ** 2;
  }
  return squares === 0 ? 0 : products / squares;
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0) / Math.max(1, numbers.length);
}

function inUnits(what: 'rss' | 'heap' | 'files', amount: number): string {
  return what === 'files' ? amount.toFixed(1) : `${(amount / MIB).toFixed(1)} MiB`;
}
