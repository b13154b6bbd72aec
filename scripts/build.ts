/**
 * Makes what an installed package runs: dist/main.cjs and its parts, dist/tag.cjs for the one command that pipelines wait for, and
 * the threads' code; bin/signalbox.js starts it where there are no sources. What others put into dist (the dashboard, the button) stays:
 * npm run build, or node scripts/build.ts DIRECTORY
 */
import { execFileSync } from 'node:child_process';
import { globSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Plugin } from 'rolldown';
import { bundleProgram, bundleWorkers, ROOT, withoutUndici } from './bundle.ts';

export async function buildProgram(dist = join(ROOT, 'dist'), plugins: readonly Plugin[] = []): Promise<void> {
  for (const file of globSync(['*.cjs', '*.cjs.v8', 'workers/*.mjs'], { cwd: dist })) rmSync(join(dist, file));
  // All of it flat in dist: src/assets.ts looks for its files beside itself.
  const names = (entry: string) => ({
    dir: dist,
    entryFileNames: `${entry}.cjs`,
    chunkFileNames: `${entry}-[name]-[hash].cjs`,
  });
  await bundleProgram('cli/main.ts', names('main'), plugins);
  await bundleProgram('cli/tag/main.ts', names('tag'), [withoutUndici, ...plugins]);
  // With the same seed for V8's hashes each time, so that the same sources give the same bytes.
  execFileSync(process.execPath, ['--random-seed=1', join(ROOT, 'scripts/write-caches.ts'), dist], {
    stdio: 'inherit',
  });
  await bundleWorkers(dist, plugins);
}

if (import.meta.main) await buildProgram(resolve(process.argv[2] ?? join(ROOT, 'dist')));
