import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { SignalboxError } from '../errors.ts';
import { giveToOwner } from './give-to-owner.ts';

/** What is to be put in the place of data that is there, all of it or nothing. */
export interface Replacement {
  /** What the new data is, for whoever meets the plan later. */
  what: string;
  /** In this order. `from` is null for what the new data does not have; what is there goes to `aside` in any case. */
  moves: { from: string | null; to: string; aside: string }[];
  /** Where the new data was made ready; removed when all of it is in place. */
  drafts: string[];
}

const PLAN = 'restore.ready';

/**
 * Puts data in place. From the moment that the plan has its name it will be carried out, whatever happens: if this process is
 * killed, by the next one that takes the lock of the data directory. Nobody ever sees a part of it.
 *
 * @param moved called after each step, for the crash tests
 * @throws SignalboxError SBX_RESTORE_UNFINISHED
 */
export function replaceData(dataDirectory: string, replacement: Replacement, moved?: () => void): void {
  const plan = join(dataDirectory, PLAN);
  writeFileSync(`${plan}.draft`, JSON.stringify(replacement), { mode: 0o600, flush: true });
  giveToOwner(`${plan}.draft`, dataDirectory);
  renameSync(`${plan}.draft`, plan);
  syncDirectory(dataDirectory);
  finishReplacement(dataDirectory, moved);
}

/** Whether a replacement was begun and not ended. */
export function hasReplacement(dataDirectory: string): boolean {
  return exists(join(dataDirectory, PLAN));
}

/**
 * Carries out what an earlier process had ready; does nothing where there is nothing. The caller holds the lock.
 *
 * @returns what was carried out, or null
 * @throws SignalboxError SBX_RESTORE_UNFINISHED
 */
export function finishReplacement(dataDirectory: string, moved: () => void = () => undefined): Replacement | null {
  const file = join(dataDirectory, PLAN);
  if (!exists(file)) return null;
  try {
    moved();
    const replacement = JSON.parse(readFileSync(file, 'utf8')) as Replacement;
    const { moves, drafts } = replacement;
    // Each step is one that was done already, or can be done still.
    for (const { from, to, aside } of moves) {
      if (from !== null && !exists(from)) continue;
      if (exists(to)) {
        move(to, aside);
        moved();
      }
      if (from === null) continue;
      move(from, to);
      moved();
    }
    for (const draft of drafts) rmSync(draft, { recursive: true, force: true });
    moved();
    rmSync(file);
    syncDirectory(dataDirectory);
    return replacement;
  } catch (cause) {
    throw new SignalboxError('SBX_RESTORE_UNFINISHED', (cause as Error).message, { cause });
  }
}

/** On disk when it returns, at both ends. */
function move(from: string, to: string): void {
  const made = mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  if (made !== undefined) giveToOwner(made, dirname(made));
  renameSync(from, to);
  for (const directory of [dirname(to), dirname(dirname(to)), dirname(from)]) syncDirectory(directory);
}

/** Also of a link that leads nowhere. */
function exists(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
