import { availableParallelism } from 'node:os';
import type { RaceSighting, Source } from '../sighting.ts';
import { carryOf, feedCarry } from './carry.ts';
import { type Chain, createChain, type Located } from './chain.ts';
import { reasonOf } from './expand-paths.ts';
import { pieceOf } from './file-identity.ts';
import { type PlannedLog, planFamily, recognise } from './plan.ts';
import { openReader } from './readers.ts';
import { continues } from './rotation.ts';
import type { ScanOptions, ScanSummary } from './scan-options.ts';
import { scanStream } from './scan-stream.ts';
import { sendScout, WORTH_A_SCOUT } from './scout.ts';
import type { Carry, LogState, ScanState } from './state-schema.ts';
import type { Window } from './window.ts';

const SETTLE_MS = 60_000;

/** What the parts of one scan share. */
export interface Run {
  options: ScanOptions;
  summary: ScanSummary;
  state: ScanState;
  window: Window;
  now: number;
  /** Files there are to be read. */
  files: number;
  save(): Promise<void>;
  sightings(located: Located[]): RaceSighting[];
}

/**
 * Scans the files of one log in the order they were written, from where the last run stopped; a report that a rotation
 * cut in two is put together again.
 */
export async function* scanFamily(shared: Run, family: string, paths: readonly string[]): AsyncGenerator<RaceSighting> {
  const { state, summary } = shared;
  const { planned, unreadable } = await planFamily(family, paths, state.logs);
  summary.unreadable.push(...unreadable);
  let carry = state.carries.find(candidate => candidate.family === family) ?? null;
  let chain: Chain | null = null;
  let given = new Set<string>();
  let before: string | null = null;

  /** Gives out what is new; what a carried report's neighbours gave out in an earlier run is not. */
  function fresh(located: Located[]): RaceSighting[] {
    const sightings = shared.sightings(located).filter(({ id }) => !given.has(id));
    for (const { id } of sightings) given.add(id);
    return sightings;
  }

  function* end(): Generator<RaceSighting> {
    if (chain === null) return;
    yield* fresh(chain.flush());
    summary.unparsed += chain.unparsed();
    chain = null;
  }

  for (const log of planned) {
    // Looked up again, because a log may be the packed copy of one that this very run has read.
    const known = log.known ?? (await recognise(log.facts, state.logs, family));
    const entry = remembered(shared, { facts: log.facts, known }, family);
    if (carry !== null && entry.generation >= carry.generation) {
      const resumed: Chain = createChain(new Date(log.facts.writtenAt).getFullYear());
      given = new Set(carry.given);
      yield* fresh(feedCarry(resumed, carry));
      chain = resumed;
      before = null;
      carry = null;
    }
    if (chain !== null && before !== null && !continues(before, log.facts.path)) yield* end();
    chain ??= createChain(new Date(log.facts.writtenAt).getFullYear());
    for await (const event of scanLog(shared, chain, log, entry)) {
      if (event.type === 'found') yield* fresh([event.located]);
      else if (!event.ended) await checkpoint(shared, entry, event);
      else Object.assign(entry, { offset: event.offset, tail: event.tail });
    }
    before = log.facts.path;
    if (!chain.active()) {
      yield* end();
      given = new Set();
    }
    const unfinished: Chain | null = chain;
    const isLast = log === planned.at(-1);
    const held = isLast && unfinished !== null ? holdBack(shared, unfinished, log, entry, [...given]) : null;
    state.carries = state.carries.filter(candidate => candidate.family !== family);
    if (held !== null && unfinished !== null) {
      state.carries.push(held);
      summary.held++;
      summary.unparsed += unfinished.unparsed();
      chain = null;
    } else if (isLast) {
      yield* end();
    } else if (unfinished !== null) {
      const parts = carryOf(unfinished, entry, [...given]);
      if (parts !== null) state.carries.push(parts);
    }
    await shared.save();
  }
  if (carry !== null && planned.length > 0) {
    // The log it was cut from is gone, and nothing newer has come.
    const gone: Chain = createChain(new Date(shared.now).getFullYear());
    given = new Set(carry.given);
    yield* fresh([...feedCarry(gone, carry), ...gone.flush()]);
    state.carries = state.carries.filter(candidate => candidate !== carry);
    await shared.save();
  }
}

/** The state's entry for a planned log, made or brought up to date. */
function remembered({ state, now }: Run, { facts, known }: PlannedLog, family: string): LogState {
  // The inode now holds something else: what is remembered of it is only its content.
  for (const log of state.logs) if (log !== known && log.dev === facts.dev && log.ino === facts.ino) log.ino = 0;
  const generations = state.logs.filter(log => log.family === family).map(({ generation }) => generation);
  const entry: LogState = known ?? {
    family,
    generation: Math.max(-1, ...generations) + 1,
    offset: 0,
    tail: pieceOf(Buffer.alloc(0)),
    path: facts.path,
    dev: facts.dev,
    ino: facts.ino,
    head: pieceOf(facts.head),
    writtenAt: 0,
    foundAt: now,
  };
  if (known === null) state.logs.push(entry);
  const { path, dev, ino, writtenAt } = facts;
  Object.assign(entry, { path, dev, ino, writtenAt, foundAt: now });
  if (facts.head.length > entry.head.length) entry.head = pieceOf(facts.head);
  return entry;
}

async function* scanLog(
  ...[shared, chain, log, entry]: [Run, Chain, PlannedLog, LogState]
): ReturnType<typeof scanStream> {
  const { summary, options } = shared;
  const { facts } = log;
  const from = entry.offset;
  summary.files++;
  if (facts.kind === 'plain' && facts.size === from) return;
  const source: Source = {
    file: facts.path,
    family: entry.family,
    generation: entry.generation,
    writtenAt: facts.writtenAt,
  };
  const before = summary.bytes;
  const isLarge = facts.kind === 'plain' && facts.size - from >= WORTH_A_SCOUT && availableParallelism() > 1;
  const scout = isLarge ? sendScout(facts.path, from, facts.size) : null;
  try {
    const reader = openReader(facts.path, facts.kind, from);
    for await (const event of scanStream(shared.window, reader, chain, source, from, scout)) {
      if (event.type === 'position') {
        summary.bytes = before + event.offset - from;
        const number = summary.files;
        const progress = { file: facts.path, bytes: event.offset, totalBytes: facts.size };
        options.onProgress?.({ ...progress, number, files: Math.max(number, shared.files) });
      }
      yield event;
    }
  } catch (error) {
    summary.unreadable.push({ path: facts.path, reason: reasonOf(error) });
  } finally {
    await scout?.close();
  }
}

async function checkpoint(
  shared: Run,
  entry: LogState,
  event: { offset: number; tail: LogState['tail'] },
): Promise<void> {
  Object.assign(entry, { offset: event.offset, tail: event.tail });
  shared.state.carries = shared.state.carries.filter(({ family }) => family !== entry.family);
  await shared.save();
}

/** Keeps an unfinished report for the next run, if there will be one and the log may still be written to. */
function holdBack(
  ...[shared, chain, log, entry, given]: [Run, Chain, PlannedLog, LogState, readonly string[]]
): Carry | null {
  const { options, now } = shared;
  if (options.state === undefined || log.facts.kind !== 'plain' || !chain.active()) return null;
  if (now - log.facts.writtenAt >= (options.settleMs ?? SETTLE_MS)) return null;
  return carryOf(chain, entry, given);
}
