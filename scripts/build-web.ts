import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';

const root = fileURLToPath(new URL('../src/web/', import.meta.url));
const DIST = fileURLToPath(new URL('../dist/', import.meta.url));

/**
 * Builds the dashboard into `dist/web`: hashed names, everything in files of its own, because its policy allows nothing inline. The
 * files take the places of the old ones one by one, each whole, so that a service that serves them meanwhile misses none.
 */
export async function buildWeb(dist = DIST, plugins: readonly Plugin[] = []): Promise<void> {
  mkdirSync(dist, { recursive: true });
  const staging = mkdtempSync(join(dist, '.web-'));
  try {
    await build({
      root,
      configFile: false,
      logLevel: 'warn',
      plugins: [...plugins],
      base: '/',
      oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
      build: {
        outDir: staging,
        emptyOutDir: true,
        target: 'es2022',
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        reportCompressedSize: false,
      },
    });
    moveInto(join(dist, 'web'), staging);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** What the page names comes before the page, and what no page names any more goes last. */
function moveInto(target: string, staging: string): void {
  const names = filesIn(staging).toSorted((a, b) => Number(a.endsWith('.html')) - Number(b.endsWith('.html')));
  for (const name of names) {
    mkdirSync(dirname(join(target, name)), { recursive: true });
    renameSync(join(staging, name), join(target, name));
  }
  for (const name of filesIn(target)) if (!names.includes(name)) rmSync(join(target, name), { force: true });
}

function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(directory, join(entry.parentPath, entry.name)));
}

if (import.meta.main) await buildWeb();
