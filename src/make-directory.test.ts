import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeDirectory } from './make-directory.ts';

const root = mkdtempSync(join(tmpdir(), 'signalbox-make-'));
afterAll(() => rmSync(root, { recursive: true }));

it('makes what is missing, and takes what is there', () => {
  makeDirectory(join(root, 'a/b/c'), 0o700);
  makeDirectory(join(root, 'a/b/c'), 0o700);
  expect(statSync(join(root, 'a/b')).mode & 0o777).toBe(0o700);
});

it('says what is in the way', () => {
  writeFileSync(join(root, 'file'), '');
  expect(() => makeDirectory(join(root, 'file'), 0o700)).toThrow(/EEXIST/);
  expect(() => makeDirectory(join(root, 'file/below'), 0o700)).toThrow(/ENOTDIR/);
});

it('comes back from a file system that makes no directories', () => {
  expect(() => makeDirectory('/proc/signalbox/data', 0o700)).toThrow(/ENOENT/);
});
