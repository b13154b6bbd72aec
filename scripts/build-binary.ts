import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inject } from 'postject';
import type { Plugin } from 'rolldown';
import { bundleProgram, bundleWorkers, ROOT } from './bundle.ts';
import { readCommandLine } from './command-line.ts';

/** By which a Node finds out that it carries a program: https://nodejs.org/docs/latest-v24.x/api/single-executable-applications.html */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

const DIST = join(ROOT, 'dist');

/** @param dist where the dashboard and the button were built */
export async function buildBinary(target: string, dist = DIST, plugins: readonly Plugin[] = []): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'signalbox-binary-'));
  try {
    const main = join(work, 'main.cjs');
    await bundleProgram('cli/executable.ts', { file: main, codeSplitting: false }, plugins);
    const workers = await bundleWorkers(work, plugins);
    const given = globSync(['web/**', 'userscript/**'], { cwd: dist }).filter(name =>
      statSync(join(dist, name)).isFile(),
    );
    const assets = Object.fromEntries([
      ...workers.map(name => [name, join(work, name)]),
      ...given.map(name => [name, join(dist, name)]),
    ]) as Record<string, string>;
    const blob = join(work, 'program.blob');
    const config = join(work, 'sea-config.json');
    writeFileSync(
      config,
      JSON.stringify({
        main: 'main.cjs',
        output: blob,
        disableExperimentalSEAWarning: true,
        useCodeCache: true,
        assets,
      }),
    );
    // The same bytes from the same sources: no name of ours, and no chance in what V8 has compiled (it takes that seed for no difference).
    execFileSync(process.execPath, ['--random-seed=1', '--experimental-sea-config', config], {
      cwd: work,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    rmSync(target, { force: true });
    copyFileSync(process.execPath, target);
    chmodSync(target, 0o755);
    await inject(target, 'NODE_SEA_BLOB', readFileSync(blob), { sentinelFuse: FUSE });
    const size = Math.round(statSync(target).size / 1024 / 1024);
    console.log(`${target}: ${size} MiB, ${Object.keys(assets).length} files inside`);
    if (!given.some(name => name.startsWith('web/'))) console.log('without the dashboard: npm run build:web makes it');
  } finally {
    rmSync(work, { recursive: true });
  }
}

if (import.meta.main) {
  const usage = `npm run build:binary [-- FILE]

Makes the whole program in one executable, dist/signalbox-linux-x64 unless told: with the Node that it is built by, the dashboard and the
button (where dist has them), and the threads' code.`;
  const { positionals } = readCommandLine(usage, {}, 1);
  await buildBinary(resolve(positionals[0] ?? join(DIST, 'signalbox-linux-x64')));
}
