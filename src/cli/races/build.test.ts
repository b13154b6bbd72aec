import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { buildFrom } from './build.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'races-build-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function git(...args: string[]): string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  return execFileSync('git', ['-C', folder, ...identity, ...args], { encoding: 'utf8' }).trim();
}

/** What Go writes into a program, between machine code; `distance` bytes from its beginning. */
function program(settings: readonly string[], distance: number): string {
  const path = join(folder, 'appliance');
  const lines = ['path\tacme.example/appliance', 'mod\tacme.example/appliance\t(devel)', ...settings];
  writeFileSync(
    path,
    Buffer.concat([
      Buffer.alloc(distance, 0xf9),
      Buffer.from(`0w\xaf\f\x92t\b\x02${lines.join('\n')}\n\xf92C1\x86\x18`, 'latin1'),
      Buffer.alloc(3_000_000, 0xcc),
    ]),
  );
  return path;
}

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

// The settings lie anywhere, also across the edges of the blocks in which the program is read.
it.each([0, 100, 1_048_500, 1_048_576, 1_064_000, 2_097_000])(
  'reads the commit and the race detector out of a Go program, %i bytes in',
  async distance => {
    const settings = ['build\t-compiler=gc', 'build\t-race=true', `build\tvcs.revision=${COMMIT}`];
    expect(await buildFrom(program(settings, distance))).toEqual({ name: '0123456789ab', race: true });
  },
);

it('says when a Go program was built of changed sources, and without the race detector', async () => {
  const path = program([`build\tvcs.revision=${COMMIT}`, 'build\tvcs.modified=true'], 10);
  expect(await buildFrom(path)).toEqual({ name: '0123456789ab-dirty', race: false });
});

it('refuses programs that do not say what they were built from', async () => {
  await expect(buildFrom(program(['build\t-race=true'], 10))).rejects.toThrow('use --build');
  writeFileSync(join(folder, 'script'), '#!/bin/sh\n');
  await expect(buildFrom(join(folder, 'script'))).rejects.toThrow('no Go program');
  await expect(buildFrom(join(folder, 'none'))).rejects.toThrow('no such file');
});

it('asks git in a folder: the tag, the way from it, else the commit, and whether something was changed', async () => {
  await expect(buildFrom(folder)).rejects.toThrow('not a git repository');
  git('init', '-q');
  writeFileSync(join(folder, 'a'), '1');
  git('add', 'a');
  git('commit', '-qm', 'one');
  expect(await buildFrom(folder)).toEqual({ name: git('rev-parse', 'HEAD').slice(0, 12) });
  git('tag', '-am', 'one', 'v5.4.0');
  expect(await buildFrom(folder)).toEqual({ name: 'v5.4.0' });
  writeFileSync(join(folder, 'a'), '2');
  expect(await buildFrom(folder)).toEqual({ name: 'v5.4.0-dirty' });
  git('commit', '-aqm', 'two');
  expect(await buildFrom(folder)).toEqual({ name: `v5.4.0-1-g${git('rev-parse', 'HEAD').slice(0, 12)}` });
});
