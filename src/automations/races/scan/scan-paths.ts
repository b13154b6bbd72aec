import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type RaceSighting, type Source, sightingOf } from '../sighting.ts';
import { createChain, type Located } from './chain.ts';
import { expandPaths } from './expand-paths.ts';
import { chunkReader } from './readers.ts';
import { familiesOf } from './rotation.ts';
import { type Run, scanFamily } from './scan-family.ts';
import type { Scan, ScanOptions, ScanSummary } from './scan-options.ts';
import { scanStream } from './scan-stream.ts';
import { emptyState, loadState, saveState } from './state.ts';
import { Window } from './window.ts';

const MAX_REPORTS_PER_FILE = 10_000;

/**
 * Finds the race reports in files, directories, patterns and standard input (`-`).
 * With a state, each report is given once over all runs; after a crash those since the last completed step are given
 * again, under the same ids.
 */
export function scanPaths(paths: readonly string[], options: ScanOptions = {}): Scan {
  const summary: ScanSummary = { files: 0, bytes: 0, unparsed: 0, held: 0, capped: 0, unreadable: [] };
  return { summary, [Symbol.asyncIterator]: () => run(paths, options, summary) };
}

async function* run(
  paths: readonly string[],
  options: ScanOptions,
  summary: ScanSummary,
): AsyncGenerator<RaceSighting> {
  const { state: statePath, project = '', lookThrough = [] } = options;
  const state = statePath === undefined ? emptyState() : await loadState(statePath);
  const { files, unreadable } = await expandPaths(paths);
  summary.unreadable.push(...unreadable);
  const now = (options.now ?? Date.now)();
  const taken = new Map<string, number>();
  const limit = options.maxReportsPerFile ?? MAX_REPORTS_PER_FILE;

  function sightings(located: Located[]): RaceSighting[] {
    return located.flatMap(({ found, source }) => {
      const count = (taken.get(source.file) ?? 0) + 1;
      taken.set(source.file, count);
      if (count > limit) summary.capped++;
      return count > limit ? [] : [sightingOf(found, source, { project, lookThrough })];
    });
  }

  async function save(last = false): Promise<void> {
    const may = (await options.mayRemember?.(last)) ?? true;
    if (may && statePath !== undefined) await saveState(statePath, state, now);
  }
  const own = statePath === undefined ? null : resolve(statePath);
  const logs = files.filter(file => file !== '-' && file !== own);
  const shared: Run = { options, summary, state, window: new Window(), now, files: logs.length, save, sightings };
  if (files.includes('-')) yield* scanInput(shared);
  for (const [family, members] of familiesOf(logs, existsSync)) yield* scanFamily(shared, family, members);
  // Asked even when nothing was found: who holds sightings back has to let go of them now.
  if (options.mayRemember !== undefined) await save(true);
}

async function* scanInput(shared: Run): AsyncGenerator<RaceSighting> {
  const { options, summary, window, now } = shared;
  const chain = createChain(new Date(now).getFullYear());
  const source: Source = { file: '-', family: '-', generation: 0, writtenAt: now };
  const input = options.stdin ?? process.stdin;
  const reader = chunkReader(input, 0, () => input.destroy());
  for await (const event of scanStream(window, reader, chain, source, 0, null)) {
    if (event.type === 'found') yield* shared.sightings([event.located]);
    else summary.bytes = event.offset;
  }
  yield* shared.sightings(chain.flush());
  summary.files++;
  summary.unparsed += chain.unparsed();
}
