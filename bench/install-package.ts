import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/**
 * Builds what `npm pack` would install, as far as it runs: a pipeline's job has the package and not a clone.
 *
 * @returns the program's file
 */
export function installPackage(directory: string): string {
  cpSync(join(ROOT, 'bin'), join(directory, 'bin'), { recursive: true });
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.ts'), join(directory, 'dist')], { stdio: 'inherit' });
  return join(directory, 'bin/signalbox.js');
}
