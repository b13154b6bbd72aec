import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Packages write one as a word. */
const words = z.union([z.array(z.string()), z.string().transform(word => [word])]);

const lockedPackage = z.object({
  name: z.string().optional(),
  version: z.string().optional(),
  /** Written only for what does not come from the registry; see .npmrc. */
  resolved: z.string().optional(),
  link: z.boolean().optional(),
  integrity: z.string().optional(),
  license: z.string().optional(),
  dev: z.boolean().optional(),
  optional: z.boolean().optional(),
  hasInstallScript: z.boolean().optional(),
  os: words.optional(),
  cpu: words.optional(),
  libc: words.optional(),
  engines: z.record(z.string(), z.string()).optional(),
});

/** Each package by its place: `node_modules/a/node_modules/b`. The one at '' is the project's own. */
const lockFile = z.object({ lockfileVersion: z.literal(3), packages: z.record(z.string(), lockedPackage) });

export type LockedPackage = z.output<typeof lockedPackage>;
export type LockFile = z.output<typeof lockFile>;

export function readLockFile(file: string): LockFile {
  return lockFile.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** `node_modules/a/node_modules/@b/c` is `@b/c`. */
export function nameOf(place: string): string {
  return place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
