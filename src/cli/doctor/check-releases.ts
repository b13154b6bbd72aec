import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Settings } from '../../config/schema.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { remedy } from './remedies.ts';

/** Whether each product's release script can be run, and by nobody changed who should not. */
export async function checkReleases(settings: Settings): Promise<Check[]> {
  const products = Object.entries(settings.releases?.products ?? {});
  return Promise.all(products.map(([name, { script }]) => checkScript(`release script of ${name}`, script)));
}

async function checkScript(name: string, script: string): Promise<Check> {
  const found = await stat(script).catch(() => null);
  if (!found) return fail(name, `${script} does not exist`, remedy('no script'));
  if (!found.isFile()) return fail(name, `${script} is no file`, remedy('script is no file'));
  const executable = await access(script, constants.X_OK | constants.R_OK).then(
    () => true,
    () => false,
  );
  if (!executable) {
    return fail(name, `${script} may not be executed by this user`, remedy('script not executable', { script }));
  }
  // Whoever may write the script, or put another one in its place, may run anything as the service.
  for (const path of [script, dirname(script)]) {
    const { mode, uid } = await stat(path);
    const sticky = (mode & constants.S_IFMT) === constants.S_IFDIR && (mode & 0o1000) !== 0;
    if ((mode & 0o022) !== 0 && !sticky) {
      return warn(name, `others than its owner may write ${path}`, remedy('script writable', { path }));
    }
    if (uid !== 0 && uid !== process.getuid?.()) {
      return warn(name, `${path} belongs to another user`, remedy('script of another user'));
    }
  }
  return ok(name, script);
}
