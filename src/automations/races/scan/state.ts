import { open, readFile, rename } from 'node:fs/promises';
import { z } from 'zod';

const piece = z.object({ length: z.number(), sha256: z.string() });

const log = z.object({
  /** The path under which it was read last. */
  path: z.string(),
  /** Its name without the rotation's suffix; kept when it is renamed. */
  family: z.string(),
  /** How many logs of this name there were before it. */
  generation: z.number(),
  dev: z.number(),
  ino: z.number(),
  /** Up to where its text has been read. */
  offset: z.number(),
  head: piece,
  tail: piece,
  writtenAt: z.number(),
  /** When it was last found on disk. */
  foundAt: z.number(),
});

const carry = z.object({
  family: z.string(),
  /** The generation at whose end it was cut. */
  generation: z.number(),
  /** The bytes from the beginning of the unfinished report on, and where in which file they stood. */
  parts: z.array(
    z.object({
      file: z.string(),
      generation: z.number(),
      writtenAt: z.number(),
      offset: z.number(),
      bytes: z.base64(),
    }),
  ),
  /** Reports among those bytes that are finished and have been given out. */
  given: z.array(z.string()),
});

const scanState = z.object({ version: z.literal(1), logs: z.array(log), carries: z.array(carry) });

export type LogState = z.infer<typeof log>;
export type Carry = z.infer<typeof carry>;
/** What a scanner remembers from run to run. */
export type ScanState = z.infer<typeof scanState>;

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
