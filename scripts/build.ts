/**
 * Makes what an installed package runs: dist/main.cjs and its parts, dist/tag.cjs for the one command that pipelines wait for, and
 * the threads' code; bin/signalbox.js starts it where there are no sources. What others put into dist (the dashboard, the button) stays: npm run build
 */
import { globSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeCache } from '../bin/load-built.js';
import { bundleProgram, bundleWorkers, ROOT, withoutUndici } from './bundle.ts';

const dist = join(ROOT, 'dist');
for (const file of globSync(['*.cjs', '*.cjs.v8', 'workers/*.mjs'], { cwd: dist })) rmSync(join(dist, file));
// All of it flat in dist: src/assets.ts looks for its files beside itself.
const names = (entry: string) => ({
  dir: dist,
  entryFileNames: `${entry}.cjs`,
  chunkFileNames: `${entry}-[name]-[hash].cjs`,
});
await bundleProgram('cli/main.ts', names('main'));
await bundleProgram('cli/tag/main.ts', names('tag'), [withoutUndici]);
for (const file of globSync('*.cjs', { cwd: dist })) writeCache(join(dist, file));
await bundleWorkers(dist);
