import { glob, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Files in directories that hold no text a scan could read. */
const NEVER_TEXT = /\.(?:journal~?|xz|bz2|lz4|zip|tar|tgz|db|sqlite|png|jpe?g|so|a|o|tmp)$/i;
const DEEPEST = 12;

/** What cannot be scanned, and why. */
export interface Unreadable {
  path: string;
  reason: string;
}

/** Why the file system refused, in its own words. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function filesBelow(directory: string, depth: number, unreadable: Unreadable[]): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    const files: string[] = [];
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(directory, entry.name);
      // Links are not followed: they lead to what is found anyway, or around in a circle.
      if (entry.isFile() && !NEVER_TEXT.test(entry.name)) files.push(path);
      else if (entry.isDirectory() && depth < DEEPEST) files.push(...(await filesBelow(path, depth + 1, unreadable)));
    }
    return files;
  } catch (error) {
    unreadable.push({ path: directory, reason: reasonOf(error) });
    return [];
  }
}

/** The files that paths, directories and patterns stand for, each once; `-` stays what it is. */
export async function expandPaths(paths: readonly string[]): Promise<{ files: string[]; unreadable: Unreadable[] }> {
  const files = new Set<string>();
  const unreadable: Unreadable[] = [];
  for (const path of paths) {
    if (path === '-') {
      files.add(path);
      continue;
    }
    const found = await stat(path).catch(() => null);
    if (found?.isDirectory() === true) {
      for (const file of await filesBelow(resolve(path), 0, unreadable)) files.add(file);
    } else if (found !== null) {
      files.add(resolve(path));
    } else {
      const matches: string[] = [];
      if (/[*?[{]/.test(path)) for await (const match of glob(path)) matches.push(match);
      if (matches.length === 0) unreadable.push({ path, reason: 'no such file, and no file matches it as a pattern' });
      for (const match of matches.sort()) {
        if ((await stat(match).catch(() => null))?.isFile() === true) files.add(resolve(match));
      }
    }
  }
  return { files: [...files], unreadable };
}
