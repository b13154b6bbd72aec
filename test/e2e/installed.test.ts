import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);
const MINUTES = 60_000;

let directory: string;
/** A PATH of a machine without Node: only what the release script and the simulated GitLab need. */
let programs: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'signalbox-installed-'));
  programs = join(directory, 'programs');
  mkdirSync(programs);
  for (const name of ['git', 'sh', 'cat', 'sleep', 'mkdir', 'cp', 'tar', 'gzip']) {
    const { stdout } = await run('which', [name]);
    symlinkSync(stdout.trim(), join(programs, name));
  }
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Plays the demo's story in an empty directory. */
async function playStory(command: string, args: readonly string[], path: string): Promise<string> {
  const cwd = mkdtempSync(join(directory, 'empty-'));
  const env = { PATH: path, HOME: cwd };
  const { stdout, stderr } = await run(command, [...args, 'demo', '--once'], { cwd, env, timeout: 3 * MINUTES });
  expect(stderr).not.toMatch(/warning|error/i);
  expect(readdirSync(cwd)).toEqual([]);
  return stdout;
}

describe('the single executable', () => {
  it(
    'plays the whole story on a machine without Node',
    async () => {
      const file = join(directory, 'signalbox');
      await run(process.execPath, [join(ROOT, 'scripts/build-binary.ts'), file], { cwd: ROOT, timeout: 3 * MINUTES });
      await expect(run('node', ['--version'], { env: { PATH: programs } })).rejects.toThrow('ENOENT');
      const version = await run(file, ['--version'], { env: { PATH: programs } });
      expect(version).toMatchObject({ stdout: '0.1.0\n', stderr: '' });
      expect(await playStory(file, [], programs)).toContain('the story came out as it should');
    },
    6 * MINUTES,
  );
});

describe('the package', () => {
  it(
    'brings everything that it runs, and nothing else',
    async () => {
      await run(process.execPath, [join(ROOT, 'scripts/build.ts')], { cwd: ROOT, timeout: 3 * MINUTES });
      const npm = ['pack', '--ignore-scripts', '--json', '--pack-destination', directory];
      const path = `${dirname(process.execPath)}${delimiter}${process.env['PATH']}`;
      const packed = await run('npm', npm, {
        cwd: ROOT,
        env: { ...process.env, PATH: path },
        maxBuffer: 64 * 1024 * 1024,
      });
      const [{ filename, files }] = JSON.parse(packed.stdout) as [{ filename: string; files: { path: string }[] }];
      const folders = new Set(files.map(file => file.path.split('/')[0]));
      expect([...folders].filter(name => ['src', 'test', 'scripts', 'bench', 'node_modules'].includes(name!))).toEqual(
        [],
      );
      expect(files.some(file => file.path.endsWith('signalbox-linux-x64'))).toBe(false);
      await run('tar', ['xzf', join(directory, filename), '-C', directory]);
      const bin = join(directory, 'package/bin/signalbox.js');
      expect((await run(process.execPath, [bin, '--version'])).stdout).toBe('0.1.0\n');
      expect((await run(process.execPath, [bin, 'tag', '--help'])).stdout).toContain('Usage: signalbox tag');
      expect(await playStory(process.execPath, [bin], programs)).toContain('the story came out as it should');
    },
    6 * MINUTES,
  );
});
