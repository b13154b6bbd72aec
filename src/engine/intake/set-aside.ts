import { createReadStream, createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Damage } from './read-log.ts';

/** Keeps damaged bytes for a person before their segment is deleted. Returns the copy's file, or null where nothing is left. */
export async function setAside({ file, offset, bytes }: Damage): Promise<string | null> {
  if (!existsSync(file)) return null;
  const directory = join(dirname(file), 'damaged');
  mkdirSync(directory, { recursive: true, mode: 0o750 });
  const copy = join(directory, `${basename(file, '.log')}-${offset}`);
  const source = createReadStream(file, { start: offset, end: offset + bytes - 1 });
  await pipeline(source, createWriteStream(copy, { mode: 0o600 }));
  return copy;
}
