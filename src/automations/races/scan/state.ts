import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SignalboxError } from '../../../errors.ts';
import { reasonOf } from './expand-paths.ts';
import type { ScanState } from './state-schema.ts';

/** Logs that are gone are remembered this long, in case a copy of one turns up. */
const REMEMBERED_MS = 60 * 24 * 3600 * 1000;

/** The state of a first run. */
export function emptyState(): ScanState {
  return { version: 1, logs: [], carries: [] };
}

/**
 * Reads the state; a missing file is a first run.
 *
 * @throws SignalboxError SBX_SCAN_STATE_UNUSABLE when the file is not a state: it is not to be overwritten
 */
export async function loadState(path: string): Promise<ScanState> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return emptyState();
    throw unusable(path, error);
  }
  // Loaded only when there is a state to read: schemas cost more memory than the scan.
  const { scanState } = await import('./state-schema.ts');
  try {
    return scanState.parse(JSON.parse(text));
  } catch (error) {
    throw unusable(path, error);
  }
}

function unusable(path: string, error: unknown): SignalboxError {
  return new SignalboxError('SBX_SCAN_STATE_UNUSABLE', `${path}: ${reasonOf(error)}`, { cause: error });
}

/**
 * Writes the state so that a crash leaves the old or the new one, never half of one.
 *
 * @throws SignalboxError SBX_SCAN_STATE_UNUSABLE when it cannot be written
 */
export async function saveState(path: string, state: ScanState, now: number): Promise<void> {
  state.logs = state.logs.filter(({ foundAt }) => now - foundAt < REMEMBERED_MS);
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(state)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    throw unusable(path, error);
  }
}
