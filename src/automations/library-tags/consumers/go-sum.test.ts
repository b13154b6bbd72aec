import { expect, it } from 'vitest';
import { addSums, moduleSums } from './go-sum.ts';

const text = (path: string, content: string) => ({ path, bytes: Buffer.from(content) });
const MODULE = { path: 'x.com/m', version: 'v1.0.0' };

it('leaves out nested modules and vendored packages, and keeps what go keeps', () => {
  const files = [text('go.mod', 'module x.com/m\n'), text('a.go', 'package m\n'), text('vendor/modules.txt', '# x\n')];
  const more = [
    text('sub/go.mod', 'module x.com/m/sub\n'),
    text('sub/b.go', 'package sub\n'),
    text('vendor/y.com/z/z.go', 'package z\n'),
  ];
  expect(moduleSums(MODULE, [...files, ...more])).toEqual(moduleSums(MODULE, files));
  expect(moduleSums(MODULE, [...files, text('b.go', 'package m\n')]).zip).not.toBe(moduleSums(MODULE, files).zip);
});

it('takes the license of the repository for a module without one', () => {
  const files = [text('go.mod', 'module x.com/m/sub\n')];
  const license = Buffer.from('Do what you like.\n');
  const withOwn = [...files, { path: 'LICENSE', bytes: license }];
  expect(moduleSums(MODULE, files, license)).toEqual(moduleSums(MODULE, withOwn));
  expect(moduleSums(MODULE, withOwn, Buffer.from('Other.\n'))).toEqual(moduleSums(MODULE, withOwn));
});

it.each([
  ['an empty file', '', 'x.com/m v1.0.0 h1:Z\nx.com/m v1.0.0/go.mod h1:M\n'],
  [
    'behind older versions',
    'x.com/m v0.9.0 h1:a\nz.com/z v1.0.0 h1:b\n',
    'x.com/m v0.9.0 h1:a\nx.com/m v1.0.0 h1:Z\nx.com/m v1.0.0/go.mod h1:M\nz.com/z v1.0.0 h1:b\n',
  ],
  [
    'in its place',
    'a.com/a v1.0.0 h1:b\nz.com/z v1.0.0 h1:b\n',
    'a.com/a v1.0.0 h1:b\nx.com/m v1.0.0 h1:Z\nx.com/m v1.0.0/go.mod h1:M\nz.com/z v1.0.0 h1:b\n',
  ],
  ['once', 'x.com/m v1.0.0 h1:Z\nx.com/m v1.0.0/go.mod h1:M\n', 'x.com/m v1.0.0 h1:Z\nx.com/m v1.0.0/go.mod h1:M\n'],
])('adds its lines: %s', (_title, before, after) => {
  expect(addSums(before, MODULE, { zip: 'h1:Z', mod: 'h1:M' })).toBe(after);
});
