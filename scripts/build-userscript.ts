/**
 * Builds the Freshdesk button to dist/userscript: one readable file with the block of metadata at its head. It is a template:
 * the service fills in its own address, the pages the script is for, and the version, when it gives the script out.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

export async function buildUserscript(dist = `${ROOT}dist`, plugins: readonly Plugin[] = []): Promise<void> {
  const source = `${ROOT}src/userscript`;
  const target = `${dist}/userscript`;
  const result = await build({
    configFile: false,
    root: source,
    logLevel: 'warn',
    plugins: [...plugins],
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      lib: { entry: `${source}/main.ts`, formats: ['iife'], name: 'signalbox' },
    },
  });
  const [output] = [result].flat();
  const code = output && 'output' in output ? output.output[0].code : '';
  await mkdir(target, { recursive: true });
  const metadata = await readFile(`${source}/metadata.txt`, 'utf8');
  // In one step, because a service or a test may be reading it.
  await writeFile(`${target}/.signalbox.user.js.${process.pid}`, `${metadata}\n${code}`);
  await rename(`${target}/.signalbox.user.js.${process.pid}`, `${target}/signalbox.user.js`);
}

if (import.meta.main) await buildUserscript();
