/** Copies those screenshots of the tests that the documentation shows: run it after `npx vitest run test/browser`. */
import { copyFile, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const SHOWN = {
  'button-ask': 'button-ask',
  'button-running': 'button-running',
  'button-done': 'button-done',
  'list-badges': 'list-badges',
  'dashboard-now': 'shown-now',
  'dashboard-releases': 'shown-releases',
  'dashboard-merge-guard': 'shown-merge-guard',
  'dashboard-race': 'shown-race',
};

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
await mkdir(at('docs/images'), { recursive: true });
for (const [name, taken] of Object.entries(SHOWN)) {
  await copyFile(at(`artifacts/screenshots/${taken}.png`), at(`docs/images/${name}.png`));
}
