import { pick, seeded } from '../e2e/board-relay.ts';
import { drawHistory, type Event } from './history.ts';
import { keepTrace } from './keep-trace.ts';
import { lookAtWorld } from './look.ts';
import { type Outcome, outcomeOf } from './oracle.ts';
import { makePlayer } from './play.ts';
import { isJournalWhole, laidAside, untilNothingIsDue, untilQuiet } from './quiet.ts';
import { makeWeather } from './weather.ts';
import { makeWorld } from './world.ts';

export interface ChaosOptions {
  seed: number;
  events: number;
  database: 'sqlite' | 'postgres';
  processes: number;
}

export interface Figures {
  events: number;
  eventsByKind: Record<string, number>;
  /** How often, by kind. */
  faults: Record<string, number>;
  kills: number;
  databaseKills: number;
  /** How often a process stood still for longer than a lease. */
  pauses: number;
  lost: string[];
  duplicated: string[];
  /** In ms: the history, and what the service needed after it. */
  played: number;
  quiet: number;
}

/** So many events from one kill to the next; the database's server is killed less often. */
const BETWEEN_KILLS = 30;
const BETWEEN_DATABASE_KILLS = 100;
/** No event begins before the one that stands so many places earlier has ended. */
const AT_ONCE = 20;
/** Worth a line, ms. */
const LONG = 30_000;
/** So many events from one lot of faults to the next. */
const BETWEEN_FAULTS = 100;
/** The first of each comes early, so that there is one in a short history, too. */
const FIRST = { kill: 10, databaseKill: 5 };
/** What becomes of one of several: it is back at once, or only when others have taken over, or it has never noticed. */
const TROUBLES = ['kill', 'kill', 'kill and stay away', 'pause'] as const;
/** A guard against hanging only, in ms: so much, and so much for each event. */
const PATIENCE = { least: 600_000, event: 500 };

/** Plays a history in bad weather, and compares what has become of it with what should have. */
export async function runChaos(options: ChaosOptions, say: (line: string) => void = () => undefined): Promise<Figures> {
  const { seed, events, database, processes } = options;
  const random = seeded(seed + 1);
  const history = drawHistory(seed, events);
  const patience = PATIENCE.least + events * PATIENCE.event;
  const world = await makeWorld({ database, processes, tickets: history.tickets });
  try {
    // Pushes count one by one from the library's first look on; see docs/library-tags.md.
    await untilNothingIsDue(world, patience);
    const player = await makePlayer(world, history);
    const weather = makeWeather(world, random);
    const began = Date.now();
    let trouble = Promise.resolve();
    const lanes = new Map<string, Promise<void>>();
    const begun: Promise<void>[] = [];
    for (const [at, event] of history.events.entries()) {
      if (at % BETWEEN_FAULTS === 0) await weather.next(Math.min(BETWEEN_FAULTS, events - at));
      // While the next events are played, and after it is back from the last time.
      if (at % BETWEEN_KILLS === FIRST.kill) {
        const which = Math.floor(random() * processes);
        // A short history, in the tests, does not wait for the others to take over.
        const what = processes === 1 || at === FIRST.kill ? 'kill' : pick(random, TROUBLES);
        trouble = trouble.then(() => (what === 'pause' ? world.pause(which) : world.kill(which, what === 'kill')));
      }
      if (at % BETWEEN_DATABASE_KILLS === FIRST.databaseKill) trouble = trouble.then(() => world.killDatabase());
      trouble.catch((error: unknown) => say(`what was to be killed is not back: ${String(error)}`));
      const turn = (lanes.get(laneOf(event)) ?? Promise.resolve()).then(async () => {
        const start = Date.now();
        await player.play(event);
        const took = Date.now() - start;
        if (took > LONG) say(`event ${at}, ${event.do}, took ${Math.round(took / 1000)} s`);
      });
      turn.catch(() => undefined);
      lanes.set(laneOf(event), turn);
      begun.push(turn);
      if (begun.length > AT_ONCE) await begun.shift();
      if (at % 100 === 99) say(`${at + 1} of ${events} events`);
    }
    await Promise.all(begun);
    await trouble;
    const played = Date.now() - began;
    const faults = await weather.end();
    await untilQuiet(world, patience);
    const quiet = Date.now() - began - played;
    const found = await lookAtWorld(world, history, player.names);
    const { service, database: databaseKills, pauses } = world.troubles();
    const wrong = (await laidAside(world)).map(key => `${key} was laid aside`);
    if (!(await isJournalWhole(world))) wrong.push('the journal is not whole');
    const { lost, duplicated } = compare(outcomeOf(history), found);
    const differences = [...lost, ...wrong, ...duplicated];
    if (differences.length > 0) for (const line of await keepTrace(world, differences)) say(line);
    const kills = { kills: service, databaseKills, pauses };
    const eventsByKind = countBy(history.events.map(event => event.do));
    return { events, eventsByKind, faults, ...kills, lost: [...lost, ...wrong], duplicated, played, quiet };
  } catch (error) {
    say(world.output().split('\n').slice(-40).join('\n'));
    throw error;
  } finally {
    await world.close();
  }
}

/** Whoever does it does one thing after the other, and all of them at the same time. */
function laneOf(event: Event): string {
  if (event.do === 'report') return event.box;
  if (event.do === 'upload' || event.do === 'promote') return 'build server';
  if (event.do === 'press' || event.do === 'mail') return 'support';
  return event.do === 'push' ? 'library' : 'development';
}

export function compare(expected: Outcome, found: Outcome): Pick<Figures, 'lost' | 'duplicated'> {
  const differences: Pick<Figures, 'lost' | 'duplicated'> = { lost: [], duplicated: [] };
  for (const name of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    const [should, is] = [expected[name] ?? 0, found[name] ?? 0];
    if (should === is || should === 'any') continue;
    const kind = amount(is) > amount(should) ? 'duplicated' : 'lost';
    differences[kind].push(`${name}: ${is} instead of ${should}`);
  }
  return differences;
}

function countBy(kinds: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function amount(value: string | number): number {
  return typeof value === 'number' ? value : value.split(/[ ,+]/).filter(Boolean).length;
}
