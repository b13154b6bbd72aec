import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compare } from '../chaos/chaos.ts';
import { drawHistory } from '../chaos/history.ts';
import { lookAtWorld } from '../chaos/look.ts';
import { outcomeOf } from '../chaos/oracle.ts';
import { makePlayer } from '../chaos/play.ts';
import { laidAside, untilQuiet } from '../chaos/quiet.ts';
import { makeWorld, type World } from '../chaos/world.ts';
import { judgeSoak, type Sample, type SoakVerdict } from './judge.ts';

export interface SoakOptions {
  minutes: number;
  seed: number;
  /** Of all six automations together. */
  eventsPerMinute: number;
}

export interface SoakResult extends SoakVerdict {
  samples: Sample[];
  events: number;
  /** What was lost, duplicated or laid aside, in words. */
  wrong: string[];
}

const SAMPLE_EVERY = 10_000;
/** Played as fast as they are taken: what is kept for later use has its size then, and is not what the soak is about. */
const WARM_UP = 2000;
const PATIENCE = 600_000;

/** Plays a steady history in fair weather, looks at the service all the while, and judges what its memory did. */
export async function runSoak(options: SoakOptions, say: (line: string) => void): Promise<SoakResult> {
  const { minutes, seed, eventsPerMinute } = options;
  const history = drawHistory(seed, WARM_UP + minutes * eventsPerMinute);
  const world = await makeWorld({ database: 'sqlite', processes: 1, tickets: history.tickets });
  const over = new AbortController();
  try {
    await untilQuiet(world, PATIENCE);
    const player = await makePlayer(world, history);
    for (const event of history.events.slice(0, WARM_UP)) await player.play(event);
    await untilQuiet(world, PATIENCE);
    say(`warm after ${WARM_UP} events`);
    const began = performance.now();
    const samples: Sample[] = [];
    const sampling = sample(world, over.signal, one => {
      samples.push(one);
      if (samples.length % 30 === 0) say(lineOf(one));
    });
    for (const [n, event] of history.events.slice(WARM_UP).entries()) {
      const due = (n * 60_000) / eventsPerMinute - (performance.now() - began);
      if (due > 0) await sleep(due);
      await player.play(event);
    }
    over.abort();
    await sampling;
    await untilQuiet(world, PATIENCE);
    const { lost, duplicated } = compare(outcomeOf(history), await lookAtWorld(world, history, player.names));
    const aside = (await laidAside(world)).map(key => `${key} was laid aside`);
    const wrong = [...lost, ...duplicated, ...aside];
    return { ...judgeSoak(samples), samples, events: history.events.length, wrong };
  } finally {
    over.abort();
    await world.close();
  }
}

export function lineOf({ at, rss, heap, external, files, delay, database }: Sample): string {
  const mib = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
  const minute = `${(at / 60_000).toFixed(1)} min`.padStart(8);
  return `${minute}: rss ${mib(rss)}, heap ${mib(heap)}, external ${mib(external)}, files ${files}, delay ${Math.round(delay * 1000)} ms, database ${mib(database)}`;
}

/** Asks the service's own metrics every ten seconds. */
async function sample(world: World, signal: AbortSignal, tell: (sample: Sample) => void): Promise<void> {
  const data = join(world.installations[0]!.directory, 'data');
  const { url, token } = JSON.parse(await readFile(join(data, 'control.json'), 'utf8')) as Record<string, string>;
  const began = performance.now();
  for (let n = 1; !signal.aborted; n++) {
    const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    const text = await answer.text();
    const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
    tell({
      at: performance.now() - began,
      rss: value('process_resident_memory_bytes'),
      heap: value('nodejs_heap_size_used_bytes'),
      external: value('nodejs_external_memory_bytes'),
      files: value('process_open_fds'),
      delay: value('nodejs_eventloop_lag_p99_seconds'),
      database: value('signalbox_database_bytes'),
    });
    await sleep(Math.max(0, n * SAMPLE_EVERY - (performance.now() - began)), undefined, { signal }).catch(
      () => undefined,
    );
  }
}
