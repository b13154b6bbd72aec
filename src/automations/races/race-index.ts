import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Documents } from '../../engine/documents/documents.ts';
import type { Confidence, Detector } from './parse/report.ts';
import { KIND, type LinkDocument, type RaceDocument } from './store.ts';

/** A race without its reports: as much as a list shows. */
export interface RaceSummary {
  fingerprint: string;
  title: string;
  type: string;
  detector: Detector;
  sites: [string, string];
  confidence: Confidence;
  count: number;
  boxes: string[];
  builds: string[];
  firstAt: number;
  lastAt: number;
  days: Record<string, number>;
  issue: { project: string; iid: number; state: 'opened' | 'closed' } | null;
}

/** A page is parsed at a stretch; then requests have their turn. */
const PAGE = 50;
const LONGEST_TITLE = 300;
/** A change may be written with the time at which its transaction began. */
const OVERLAP = 5_000;
const DAY = 86_400_000;
const HALF_LIFE = 7 * DAY;

/**
 * All races in short, in memory: a race's document has reports of many kilobytes, and ranking a thousand of them would read
 * all of that at each look. Documents that changed since the last look are read again, so that other processes' changes are
 * seen, too.
 */
export class RaceIndex {
  readonly #documents: Documents;
  readonly #now: () => number;
  readonly #races = new Map<string, Omit<RaceSummary, 'issue'>>();
  readonly #links = new Map<string, NonNullable<RaceSummary['issue']>>();
  #readUpTo = 0;
  #refreshing: Promise<void> | undefined;

  constructor(documents: Documents, now: () => number) {
    this.#documents = documents;
    this.#now = now;
  }

  /** Every race, the most pressing first. */
  async ranked(): Promise<RaceSummary[]> {
    await this.#refresh();
    const now = this.#now();
    const all = [...this.#races.values()].map(race => ({ race, weight: weightOf(race, now) }));
    return all
      .toSorted((a, b) => b.weight - a.weight || b.race.lastAt - a.race.lastAt)
      .map(({ race }) => ({ ...race, issue: this.#links.get(race.fingerprint) ?? null }));
  }

  async #refresh(): Promise<void> {
    this.#refreshing ??= this.#read().finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  async #read(): Promise<void> {
    const since = this.#readUpTo;
    const startedAt = this.#now();
    for await (const [id, body] of this.#changed<RaceDocument>(KIND.race, since))
      this.#races.set(id, shorten(id, body));
    for await (const [id, { project, iid, state }] of this.#changed<LinkDocument>(KIND.link, since)) {
      this.#links.set(id, { project, iid, state });
    }
    this.#readUpTo = startedAt - OVERLAP;
  }

  async *#changed<Body>(kind: string, since: number): AsyncGenerator<[string, Body]> {
    let changedAfter = { changedAt: since, id: '' };
    for (;;) {
      const page = await this.#documents.list<Body>(kind, { changedAfter, limit: PAGE });
      for (const { id, body } of page) yield [id, body];
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      changedAfter = last;
      await nextTurn();
    }
  }
}

/** Sightings, each worth half as much for every week that has passed since: frequent and recent comes first. */
export function weightOf(race: Pick<RaceSummary, 'days' | 'count' | 'lastAt'>, now: number): number {
  const dated = Object.entries(race.days);
  const worth = (age: number) => 2 ** (-Math.max(0, age) / HALF_LIFE);
  const inDays = dated.reduce((sum, [, count]) => sum + count, 0);
  const undated = Math.max(0, race.count - inDays);
  const oldest = dated[0] ? Date.parse(dated[0][0]) : race.lastAt;
  return dated.reduce(
    (sum, [day, count]) => sum + count * worth(now - Date.parse(day) - DAY),
    undated * worth(now - Math.min(oldest, race.lastAt)),
  );
}

function shorten(fingerprint: string, race: RaceDocument): Omit<RaceSummary, 'issue'> {
  const { title, type, detector, sites, confidence, cells } = race;
  return {
    fingerprint,
    title: title.slice(0, LONGEST_TITLE),
    type,
    detector,
    sites,
    confidence,
    count: cells.reduce((sum, cell) => sum + cell.count, 0),
    boxes: [...new Set(cells.map(cell => cell.host))],
    builds: [...new Set(cells.flatMap(cell => cell.build ?? []))],
    firstAt: Math.min(...cells.map(cell => cell.firstAt)),
    lastAt: Math.max(...cells.map(cell => cell.lastAt)),
    days: race.days ?? {},
  };
}
