import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { importHistory } from '../../src/git-protocol/testing/import-history.ts';
import { jobOf, runTag, withRepository } from './tag-stage.ts';

const installed = spawnSync('go', ['version'], { encoding: 'utf8' }).stdout?.trim() ?? '';
if (installed === '') {
  if (process.env['CI']) throw new Error('go is not installed: that go sees the tags cannot be tested');
  console.warn(
    'NOT RUN: go is not installed (Debian: apt-get install golang-go), nobody checked that go sees the tags',
  );
}

const directory = mkdtempSync(join(tmpdir(), 'tag-go-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** The go command with caches of its own; modules of example.test come from the loopback server. */
function goAt(url: string, path: string) {
  const environment = {
    PATH: process.env['PATH'],
    HOME: directory,
    GOPATH: join(directory, 'go'),
    GOCACHE: join(directory, 'cache'),
    GOFLAGS: '-mod=mod -modcacherw',
    GOPROXY: 'direct',
    GOSUMDB: 'off',
    GOPRIVATE: '*',
    GOTOOLCHAIN: 'local',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `url.${url}.insteadOf`,
    GIT_CONFIG_VALUE_0: `https://${path}`,
  };
  // Not synchronously: the server that go asks runs in this process.
  return async (...args: string[]): Promise<string> => {
    const options = { cwd: directory, env: environment, timeout: 60_000 };
    return (await promisify(execFile)('go', args, options)).stdout.trim();
  };
}

describe.runIf(installed)(`the go command (${installed || 'NOT RUN: go is not installed'})`, () => {
  it('sees every tag that was created, of the root, a nested module and a /v2', async () => {
    const repository = 'example.test/libs/x.git';
    await withRepository(async stage => {
      const go = (path: string): string => `module ${repository}${path}\n\ngo 1.19\n`;
      const source = { 'a.go': 'package x\n', 'sub/b.go': 'package sub\n' };
      const commits = importHistory(stage.repository, [
        { parents: [], files: { 'go.mod': go(''), 'sub/go.mod': go('/sub'), ...source } },
        { parents: [0], message: 'second\n', files: { 'a.go': 'package x\n\nconst A = 1\n' } },
        { parents: [1], message: 'third\n', files: { 'sub/b.go': 'package sub\n\nconst B = 1\n' } },
        { parents: [2], message: 'fourth\n', files: { 'go.mod': go('/v2') } },
        { parents: [3], message: 'fifth\n', files: { 'a.go': 'package x\n\nconst A = 2\n' } },
      ]);
      for (const commit of commits) {
        expect(await runTag({ environment: jobOf(stage.url, commit) })).toMatchObject({ code: 0 });
      }
      writeFileSync(join(directory, 'go.mod'), 'module example.test/user\n\ngo 1.19\n');
      const run = goAt(stage.url, repository.replace(/\.git$/, ''));
      const versions = (path: string): Promise<string> => run('list', '-m', '-versions', repository + path);
      expect(await versions('')).toBe(`${repository} v0.0.1 v0.0.2`);
      expect(await versions('/sub')).toBe(`${repository}/sub v0.0.1 v0.0.2`);
      expect(await versions('/v2')).toBe(`${repository}/v2 v2.0.0 v2.0.1`);
      await run('get', `${repository}/v2@latest`);
      await run('get', `${repository}/sub@latest`);
      const list = await run('list', '-m', 'all');
      expect(list).toContain(`${repository}/v2 v2.0.1`);
      expect(list).toContain(`${repository}/sub v0.0.2`);
    });
  }, 120_000);
});
