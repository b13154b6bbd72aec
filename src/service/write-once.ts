import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Puts a text into a file that is not there yet, all of it or nothing. Not by renaming: of two processes that start together the later
 * would replace what the earlier goes by.
 *
 * @returns what is in the file: this text, or that of whoever was faster
 */
export async function writeOnce(file: string, text: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o750 });
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, text, { mode: 0o640, flag: 'wx' });
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  return readFile(file, 'utf8');
}
