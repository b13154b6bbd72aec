import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { reasonOf, type Unreadable } from './expand-paths.ts';
import { beginsWith, type FileFacts, fileFacts, hasBefore } from './file-identity.ts';
import { byAge, rotatedName } from './rotation.ts';
import type { LogState } from './state-schema.ts';

/** A file, and what is remembered of its content; null when it is new. */
export interface PlannedLog {
  facts: FileFacts;
  known: LogState | null;
}

/** Heads shorter than this are no proof that two files are the same. */
const TELLING_HEAD = 64;

const isPacked = ({ kind }: FileFacts): boolean => kind !== 'plain';

async function contentOf(facts: FileFacts, log: LogState): Promise<boolean> {
  if (!beginsWith(facts, log.head)) return false;
  return log.offset === 0 || hasBefore(facts, log.offset, log.tail);
}

/** The remembered log that this file is: by its inode if the content agrees, else a renamed, moved or packed copy. */
export async function recognise(facts: FileFacts, logs: readonly LogState[], family: string): Promise<LogState | null> {
  for (const log of logs) {
    if (log.dev === facts.dev && log.ino === facts.ino && (await contentOf(facts, log))) return log;
  }
  for (const log of logs) {
    if (log.head.length < TELLING_HEAD || log.offset === 0) continue;
    if ((log.dev === facts.dev && log.ino === facts.ino) || !beginsWith(facts, log.head)) continue;
    // An equal file beside its original is another process's equal log, unless it is the packed copy of the same.
    const copy = isPacked(facts) && log.family === family;
    if (!copy && (await isStillThere(log))) continue;
    if (await contentOf(facts, log)) return log;
  }
  return null;
}

async function isStillThere(log: LogState): Promise<boolean> {
  const facts = await fileFacts(log.path).catch(() => null);
  return facts !== null && facts.ino === log.ino && facts.dev === log.dev && (await contentOf(facts, log));
}

/** Rotated files beside a log that was renamed since it was read: its rest is in one of them. */
async function siblings(family: string, paths: readonly string[]): Promise<string[]> {
  const names = await readdir(dirname(family)).catch(() => []);
  return names
    .map(name => join(dirname(family), name))
    .filter(path => path !== family && rotatedName(path).live === family && !paths.includes(path));
}

/**
 * Decides for the files of one log (oldest first) where each is to be read from. A log that was renamed since the last
 * run is followed into the file it became, even when only the live log was asked for.
 */
export async function planFamily(
  ...[family, paths, logs]: [string, readonly string[], readonly LogState[]]
): Promise<{ planned: PlannedLog[]; unreadable: Unreadable[] }> {
  const planned: PlannedLog[] = [];
  const unreadable: Unreadable[] = [];

  async function plan(path: string): Promise<PlannedLog | null> {
    try {
      const facts = await fileFacts(path);
      if (facts === null) return null;
      const known = await recognise(facts, logs, family);
      return { facts, known };
    } catch (error) {
      if (existsSync(path)) unreadable.push({ path, reason: reasonOf(error) });
      return null;
    }
  }

  for (const path of paths) {
    const log = await plan(path);
    if (log !== null) planned.push(log);
  }
  const before = logs.filter(log => log.family === family && log.ino !== 0);
  const newest = before.reduce<LogState | null>((a, b) => (a !== null && a.generation > b.generation ? a : b), null);
  const followed = newest === null || planned.some(({ known }) => known === newest);
  if (!followed && paths.includes(family)) {
    for (const path of await siblings(family, paths)) {
      const log = await plan(path);
      // Older files than the one that was read last were there before, and were not asked for.
      if (log !== null && (log.known === newest || (log.known === null && log.facts.writtenAt > newest.writtenAt))) {
        planned.push(log);
      }
    }
    planned.sort((a, b) => byAge(a.facts.path, b.facts.path));
  }
  return { planned, unreadable };
}
