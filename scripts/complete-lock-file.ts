/**
 * Completes package-lock.json with the optional packages of other platforms. A registry mirror may not have them all; npm then
 * leaves them out of the lock file, and `npm ci` refuses it as incomplete. They are never installed on the platform at hand.
 * Run it after `npm install`: node scripts/complete-lock-file.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface LockedPackage {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  integrity?: string;
  optionalDependencies?: Record<string, string>;
}

const SYSTEMS = ['android', 'darwin', 'freebsd', 'openharmony', 'win32', 'linux'];
const PROCESSORS = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x'];

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, LockedPackage> };
// What was completed before is completed anew.
for (const [path, { integrity, optional }] of Object.entries(lock.packages)) {
  if (path !== '' && integrity === undefined && optional) delete lock.packages[path];
}
for (const [path, parent] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(parent.optionalDependencies ?? {})) {
    const hoisted = `node_modules/${name}`;
    if (path === '' || placesFrom(path).some(place => lock.packages[`${place}${hoisted}`])) continue;
    const words = name.replace(/^.*\//, '').split('-');
    const os = SYSTEMS.filter(system => words.includes(system));
    const cpu = PROCESSORS.filter(processor => words.includes(processor));
    if (os.length === 0 || !/^\d/.test(range)) continue;
    // Without it, npm would install what has no checksum here beside what is meant for this system.
    const libc = words.includes('musl') ? { libc: ['musl'] } : {};
    lock.packages[hoisted] = { version: range, cpu, ...(parent.dev ? { dev: true } : {}), ...libc, optional: true, os };
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);

/** Where Node looks for what a package needs: below it, and below each of those that it lies in. */
function placesFrom(path: string): string[] {
  const parts = path.split('/node_modules/');
  return ['', ...parts.map((_, at) => `${parts.slice(0, at + 1).join('/node_modules/')}/`)];
}
