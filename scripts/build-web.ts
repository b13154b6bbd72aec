import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('../src/web/', import.meta.url));

/** Builds the dashboard into `dist/web`: hashed names, everything in files of its own, because its policy allows nothing inline. */
export async function buildWeb(outDir = fileURLToPath(new URL('../dist/web/', import.meta.url))): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    base: '/',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2022',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  });
}

if (import.meta.main) await buildWeb();
