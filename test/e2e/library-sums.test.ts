import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { moduleSums } from '../../src/automations/library-tags/consumers/go-sum.ts';
import { importHistory } from '../../src/git-protocol/testing/import-history.ts';
import { withRepository } from './tag-stage.ts';

const installed = spawnSync('go', ['version'], { encoding: 'utf8' }).stdout?.trim() ?? '';
if (installed === '') {
  if (process.env['CI']) throw new Error('go is not installed: its own checksums cannot be compared');
  console.warn('NOT RUN: go is not installed, nobody compared the checksums of go.sum with its own');
}

const PATH = 'example.test/libs/x.git';
const FILES: Record<string, string> = {
  'go.mod': `module ${PATH}\n\ngo 1.19\n`,
  LICENSE: 'Do what you like.\n',
  'a.go': 'package x\r\n',
  'B.go': 'package x\n',
  '.gitattributes': 'secret.txt export-ignore\nstamp.txt export-subst\n',
  'secret.txt': 'left out by an archive\n',
  'stamp.txt': '$Format:%H$\n',
  'inner/vendor/y.example/z/z.go': 'package z\n',
  'vendor/modules.txt': '# y.example/z v1.0.0\n',
  'vendor/y.example/z/z.go': 'package z\n',
  'sub/go.mod': `module ${PATH}/sub\n\ngo 1.19\n`,
  'sub/sub.go': 'package sub\n',
  'sub/deep/deep.go': 'package deep\n',
};

/** Files below a directory, as the service reads them. */
function below(dir: string) {
  return Object.entries(FILES)
    .filter(([path]) => path.startsWith(dir))
    .map(([path, text]) => ({ path: path.slice(dir.length), bytes: Buffer.from(text) }));
}

describe.runIf(installed)(`checksums of go.sum (${installed || 'NOT RUN: go is not installed'})`, () => {
  it('are those that go computes from the repository, of the root and of a nested module', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'library-sums-'));
    await withRepository(async ({ repository, url }) => {
      const [commit] = importHistory(repository, [{ parents: [], files: FILES }]);
      for (const tag of ['v1.0.0', 'sub/v0.3.0']) repository.git(['tag', tag, commit ?? '']);
      const env = {
        PATH: process.env['PATH'],
        HOME: directory,
        GOPATH: join(directory, 'go'),
        GOFLAGS: '-mod=mod -modcacherw',
        GOPROXY: 'direct',
        GOSUMDB: 'off',
        GOPRIVATE: '*',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: `url.${url}.insteadOf`,
        GIT_CONFIG_VALUE_0: `https://${PATH.replace(/\.git$/, '')}`,
      };
      const sumsByGo = async (module: string) => {
        const options = { cwd: directory, env, timeout: 60_000 };
        const { stdout } = await promisify(execFile)('go', ['mod', 'download', '-json', module], options);
        const { Sum, GoModSum } = JSON.parse(stdout) as { Sum: string; GoModSum: string };
        return { zip: Sum, mod: GoModSum };
      };
      expect(moduleSums({ path: PATH, version: 'v1.0.0' }, below(''))).toEqual(await sumsByGo(`${PATH}@v1.0.0`));
      const license = Buffer.from(FILES['LICENSE'] ?? '');
      expect(moduleSums({ path: `${PATH}/sub`, version: 'v0.3.0' }, below('sub/'), license)).toEqual(
        await sumsByGo(`${PATH}/sub@v0.3.0`),
      );
    });
    await rm(directory, { recursive: true, force: true });
  });
});
