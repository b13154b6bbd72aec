import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../bundle.ts';

/** As bin/signalbox.js demands it: a package brings no Node, as a clone does. */
const ENGINES = { node: '>=24.15.0' };
const BESIDES = ['README.md', 'LICENSE', 'SECURITY.md', 'CHANGELOG.md'];

export const NOTICES = 'THIRD_PARTY_NOTICES.txt';

/**
 * Makes the package that is released. It names no dependencies, because what it needs of them is bundled: installing it fetches nothing
 * and runs no script.
 *
 * @param work an empty directory
 * @param dist what was built
 * @param notices the licences of what is bundled
 * @returns the name of the file in `target`
 */
export function packPackage(work: string, dist: string, notices: string, target: string): string {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<string, unknown>;
  const { name, version, description, license, type, bin, files } = manifest as { files: string[] } & typeof manifest;
  for (const pattern of [...files, ...BESIDES]) {
    const from = pattern.startsWith('dist/') ? join(dist, '..') : ROOT;
    for (const file of globSync(pattern, { cwd: from })) {
      mkdirSync(dirname(join(work, file)), { recursive: true });
      cpSync(join(from, file), join(work, file), { recursive: true });
    }
  }
  writeFileSync(join(work, NOTICES), notices);
  const all = [...files, ...BESIDES, NOTICES];
  const released = { name, version, description, license, type, bin, engines: ENGINES, files: all };
  writeFileSync(join(work, 'package.json'), `${JSON.stringify(released, null, 2)}\n`);
  const args = ['pack', work, '--ignore-scripts', '--json', '--pack-destination', target];
  const packed = execFileSync('npm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  return filename;
}
