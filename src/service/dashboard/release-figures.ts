import { RELEASE, type ReleaseDocument } from '../../automations/release/model.ts';
import type { VersionCheckFacts } from '../../automations/version-check/facts.ts';
import type { Documents } from '../../engine/documents/documents.ts';
import type { Json } from '../../engine/json.ts';

export interface ReleaseFigures {
  /** Monday of each week, oldest first. */
  weeks: string[];
  lines: {
    line: string;
    /** Releases of each week, in any environment. */
    released: number[];
    /** From a merge into the line's branch to the first release in production after it: median hours by week of the release. */
    leadHours: (number | null)[];
  }[];
}

export interface FigureOptions {
  /** When merge requests were merged, and into which branch. */
  merges: () => Promise<Iterable<Merge>>;
  documents: Documents;
  lines: readonly { name: string; branch: string }[];
  /** The environment that counts as the end of the way: the last one. */
  production: (product: string) => string | undefined;
  now: number;
}

const WEEK = 7 * 86_400_000;
const WEEKS = 26;
/** 1970-01-05 was a Monday. */
const FIRST_MONDAY = 4 * 86_400_000;
const PAGE = 500;

export interface Merge {
  branch: string;
  at: number;
}

interface Shipped {
  line: string;
  at: number;
}

/** Releases per week and how long a merged change waits for production, per line. */
export async function releaseFigures(options: FigureOptions): Promise<ReleaseFigures> {
  const { documents, now } = options;
  const thisWeek = mondayOf(now);
  const weeks = Array.from({ length: WEEKS }, (_, index) => thisWeek - (WEEKS - 1 - index) * WEEK);
  const first = weeks[0] ?? thisWeek;
  const earliest = first - WEEKS * WEEK;
  const releases = await changedSince(documents, earliest);
  const released = releases.filter(each => each.runs.some(run => run.state === 'released'));
  const shipped = shippedToProduction(released, options);
  // Of an earlier merge it is not known which release was the first to have it.
  const merges = mergesByLine(
    [...(await options.merges())].filter(each => each.at >= earliest),
    options.lines,
  );
  const lines = options.lines.map(line => line.name);
  const others = [...new Set(released.map(each => each.line))].filter(line => !lines.includes(line));
  return {
    weeks: weeks.map(week => new Date(week).toISOString().slice(0, 10)),
    lines: [...lines, ...others.toSorted()].map(line => {
      const counts = weeks.map(() => 0);
      for (const each of released) {
        const index = Math.floor((each.committedAt - first) / WEEK);
        if (each.line === line && counts[index] !== undefined) counts[index]++;
      }
      return { line, released: counts, leadHours: leadTimes(weeks, shipped, merges.get(line) ?? [], line) };
    }),
  };
}

/** Releases that came or were released since then, however many there were before. */
async function changedSince(documents: Documents, since: number): Promise<ReleaseDocument[]> {
  const all: ReleaseDocument[] = [];
  let changedAfter = { changedAt: since, id: '' };
  for (;;) {
    const page = await documents.list<ReleaseDocument>(RELEASE, { changedAfter, limit: PAGE });
    all.push(...page.map(row => row.body));
    const last = page.at(-1);
    if (!last || page.length < PAGE) return all;
    changedAfter = last;
  }
}

function shippedToProduction(released: readonly ReleaseDocument[], { production }: FigureOptions): Shipped[] {
  return released
    .flatMap(({ product, line, runs }) => {
      const goal = production(product);
      const ends = runs.flatMap(run =>
        run.state === 'released' && run.environment === goal ? (run.endedAt ?? []) : [],
      );
      return ends.length === 0 ? [] : [{ line, at: Math.min(...ends) }];
    })
    .toSorted((a, b) => a.at - b.at);
}

/** Of the facts of the version check. */
export function mergeIn(facts: Json): Merge | null {
  const { mergedAt, targetBranch } = (facts ?? {}) as Partial<VersionCheckFacts>;
  return typeof mergedAt === 'number' && targetBranch !== undefined ? { branch: targetBranch, at: mergedAt } : null;
}

/** When merge requests were merged, by the line of their target branch. */
function mergesByLine(merges: readonly Merge[], lines: FigureOptions['lines']): Map<string, number[]> {
  const lineOf = new Map(lines.map(line => [line.branch, line.name]));
  const byLine = new Map<string, number[]>();
  for (const { branch, at } of merges) {
    const line = lineOf.get(branch);
    if (line === undefined) continue;
    const known = byLine.get(line);
    if (known) known.push(at);
    else byLine.set(line, [at]);
  }
  return byLine;
}

function leadTimes(
  weeks: readonly number[],
  shipped: readonly Shipped[],
  merges: readonly number[],
  line: string,
): (number | null)[] {
  const ours = shipped.filter(each => each.line === line);
  const waits = new Map<number, number[]>();
  for (const merged of merges) {
    const release = ours.find(each => each.at >= merged);
    if (!release) continue;
    const week = mondayOf(release.at);
    const wait = (release.at - merged) / 3_600_000;
    const known = waits.get(week);
    if (known) known.push(wait);
    else waits.set(week, [wait]);
  }
  return weeks.map(week => median(waits.get(week) ?? []));
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  return middle === undefined ? null : Math.round(middle * 10) / 10;
}

function mondayOf(time: number): number {
  return Math.floor((time - FIRST_MONDAY) / WEEK) * WEEK + FIRST_MONDAY;
}
