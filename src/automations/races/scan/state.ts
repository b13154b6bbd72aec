import { open, readFile, rename } from 'node:fs/promises';
import type { ScanState } from './state-schema.ts';

/** Logs that are gone are remembered this long, in case a copy of one turns up. */
const REMEMBERED_MS = 60 * 24 * 3600 * 1000;

/** The state of a first run. */
export function emptyState(): ScanState {
  return { version: 1, logs: [], carries: [] };
}

/** Reads the state; a missing file is a first run. Throws when the file is not a state: it is not to be overwritten. */
export async function loadState(path: string): Promise<ScanState> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return emptyState();
    throw error;
  }
  // Loaded only when there is a state to read: schemas cost more memory than the scan.
  const { scanState } = await import('./state-schema.ts');
  return scanState.parse(JSON.parse(text));
}

/** Writes the state so that a crash leaves the old or the new one, never half of one. */
export async function saveState(path: string, state: ScanState, now: number): Promise<void> {
  state.logs = state.logs.filter(({ foundAt }) => now - foundAt < REMEMBERED_MS);
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(state)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}
