import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SignalboxError } from '../../errors.ts';

/** What `backup.json` says about the other files of a backup. */
const manifestSchema = z.object({
  format: z.literal(1),
  at: z.iso.datetime(),
  files: z.array(
    z.object({
      // Below the backup's directory, and never out of it.
      path: z.string().regex(/^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$)).+$/),
      bytes: z.number().int().min(0),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
  journal: z.object({ rows: z.number().int().min(0), head: z.string() }),
  artifacts: z.boolean(),
});

export type Manifest = z.output<typeof manifestSchema>;

export const MANIFEST = 'backup.json';
export const DATABASE = 'signalbox.db';
/** Directories of releases, taken along only when asked for: they are large, and never change once written. */
export const ARTIFACTS = ['releases', 'runs', 'public'] as const;

/** Whether a file of a backup, by its path in it, belongs to a release. */
export function isArtifact(path: string): boolean {
  return ARTIFACTS.some(name => path.startsWith(`${name}/`));
}

/** @throws SignalboxError SBX_BACKUP_INVALID */
export async function readManifest(directory: string): Promise<Manifest> {
  const text = await readFile(join(directory, MANIFEST), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new SignalboxError('SBX_BACKUP_INVALID', `${join(directory, MANIFEST)}: ${cause.message}`, { cause });
  });
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    const detail = `${join(directory, MANIFEST)} is not as a backup of this program has it`;
    throw new SignalboxError('SBX_BACKUP_INVALID', detail, { cause });
  }
}
