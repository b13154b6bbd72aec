import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A file system of a few megabytes. */
export interface SmallDisk {
  /** Leaves nothing free. */
  fill(): void;
  /** Gives the room back that `fill` took. */
  empty(): void;
  /** As an administrator, or a kernel that met an error, leaves it; nobody may have a file open there. */
  readOnly(yes: boolean): void;
  remove(): void;
}

/** Mounts one on a new directory; null, with a loud line, where this machine does not permit it. */
export function smallDisk(directory: string, megabytes: number): SmallDisk | null {
  mkdirSync(directory, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', directory], { stdio: 'ignore' });
  } catch {
    // Also in CI: whether mounting is permitted is the machine's affair, and nothing that could be installed.
    console.warn('\n!!! A SMALL TMPFS COULD NOT BE MOUNTED: the full disk was not tried.\n');
    return null;
  }
  const ballast = join(directory, 'ballast');
  return {
    fill: () => {
      const file = openSync(ballast, 'a');
      try {
        for (const bytes of [1024 * 1024, 4096])
          for (const block = Buffer.alloc(bytes); ; ) if (writeSync(file, block) < bytes) break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    empty: () => rmSync(ballast, { force: true }),
    readOnly: yes => void execFileSync('mount', ['-o', `remount,${yes ? 'ro' : 'rw'}`, directory]),
    remove: () => void execFileSync('umount', ['--lazy', directory]),
  };
}
