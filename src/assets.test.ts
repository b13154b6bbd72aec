import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assetNames, assetsIn, readAsset } from './assets.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'assets-'));
  mkdirSync(join(directory, 'dist/web/icons'), { recursive: true });
  writeFileSync(join(directory, 'dist/web/index.html'), '<title>Signalbox</title>');
  writeFileSync(join(directory, 'dist/web/icons/one.svg'), '<svg/>');
  writeFileSync(join(directory, 'secret'), 'outside');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('assets in a directory', () => {
  const text = (name: string) => {
    const bytes = assetsIn(join(directory, 'dist')).read(name);
    return bytes && Buffer.from(bytes).toString();
  };

  it('are read by name', () => {
    expect([text('web/index.html'), text('web/icons/one.svg')]).toEqual(['<title>Signalbox</title>', '<svg/>']);
  });

  it.each(['web/none.html', 'web', 'web/index.html/x', '', '/etc/passwd', '../secret', 'web/../../secret', 'web\0'])(
    'has nothing under %j',
    name => {
      expect(text(name)).toBeUndefined();
    },
  );

  it('are listed by prefix, sorted', () => {
    const names = (prefix: string) => assetsIn(join(directory, 'dist')).names(prefix);
    expect(names('web/')).toEqual(['web/icons/one.svg', 'web/index.html']);
    expect(names('')).toEqual(['web/icons/one.svg', 'web/index.html']);
    expect(names('web/i')).toEqual(['web/icons/one.svg', 'web/index.html']);
    expect([names('userscript/'), names('../')]).toEqual([[], []]);
  });
});

it('looks into the dist of this clone, built or not', () => {
  for (const name of assetNames('web/')) expect(readAsset(name)?.byteLength).toBeGreaterThan(0);
  expect(readAsset('web/there-is-no-such-file')).toBeUndefined();
});
