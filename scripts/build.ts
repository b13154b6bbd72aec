/**
 * Makes what an installed package runs: dist/main.cjs, which bin/signalbox.js starts where there are no sources, its parts, and the
 * threads' code. What others put into dist (the dashboard, the button) stays: npm run build
 */
import { globSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundleProgram, bundleWorkers, ROOT } from './bundle.ts';

const dist = join(ROOT, 'dist');
for (const file of globSync(['*.cjs', 'workers/*.mjs'], { cwd: dist })) rmSync(join(dist, file));
// All of it flat in dist: src/assets.ts looks for its files beside itself.
await bundleProgram('cli/main.ts', {
  dir: dist,
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name]-[hash].cjs',
});
await bundleWorkers(dist);
