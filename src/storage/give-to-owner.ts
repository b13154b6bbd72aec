import { closeSync, constants, fchownSync, fstatSync, fsyncSync, openSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Gives what root has made in somebody's directory to that owner, with all that is below it: the service could not open it
 * otherwise. Does nothing for anybody else, and in a directory of root's own.
 */
export function giveToOwner(path: string, directory: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(directory);
  if (uid !== 0) give(path, uid, gid);
}

/**
 * Goes by open files and not by names: the owner may exchange names in the directory meanwhile, and must not be given
 * something from elsewhere by that.
 */
function give(path: string, uid: number, gid: number): void {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(descriptor);
    if (stat.uid !== 0) return;
    const here = `/proc/self/fd/${descriptor}`;
    if (stat.isDirectory()) for (const name of readdirSync(here)) give(join(here, name), uid, gid);
    fchownSync(descriptor, uid, gid);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
