import { describe, expect, it } from 'vitest';
import { isInModule, modulesOf } from './go-modules.ts';
import { majorRecipe, readModulePath, streamOf } from './module-path.ts';
import { lineOfBranch, nameOfLine } from './release-line.ts';
import { bumpVersion, compareVersions, formatVersion, isListedByGo, parseVersion } from './semver.ts';
import { sortTags } from './stream-tags.ts';
import { readSharedCases } from './testing/shared-cases.ts';

const shared = readSharedCases();
const absent = shared ? '' : ' (NOT RUN: ../shared is missing)';

describe('versions', () => {
  it.runIf(shared)(`are ordered as SemVer says${absent}`, () => {
    const { ascending, equal } = shared!.semver_order;
    const versions = ascending.map(text => parseVersion(text)!);
    for (const [i, a] of versions.entries()) {
      for (const [j, b] of versions.entries()) expect(Math.sign(compareVersions(a, b))).toBe(Math.sign(i - j));
    }
    for (const [a, b] of equal) expect(compareVersions(parseVersion(a!)!, parseVersion(b!)!)).toBe(0);
    for (const text of [...ascending, ...equal.flat()]) expect(formatVersion(parseVersion(text)!)).toBe(text);
  });

  it.runIf(shared).each(shared?.semver_order.invalid ?? [])('do not include %s', text => {
    expect(parseVersion(text.replace(/ \(.*\)$/, ''))).toBeNull();
  });

  it.runIf(shared).each(Object.entries(shared?.go_tag_visibility.tags ?? {}))(
    'for go: tag %s is listed: %s',
    (name, listed) => {
      const tag = name.split(' ')[0]!;
      const stream = streamOf({ dir: '', path: 'gitlab.example.com/libs/x.git' });
      if ('fault' in stream) throw new Error(stream.fault);
      const { own } = sortTags([{ name: tag, peeled: '1' }], stream.stream, null);
      const version = parseVersion(tag);
      // A pre-release is listed by go and is never a base of ours.
      const visible = own.length === 1 || (version !== null && version.pre !== '' && isListedByGo(version));
      const expected = listed === true || (typeof listed === 'string' && listed.startsWith('LISTED'));
      expect(visible).toBe(expected);
    },
  );

  it('rise by their numbers only', () => {
    const version = parseVersion('v1.2.3-rc.1+build')!;
    expect(formatVersion(bumpVersion(version, 'patch'))).toBe('v1.2.4');
    expect(formatVersion(bumpVersion(version, 'minor'))).toBe('v1.3.0');
    expect(formatVersion(bumpVersion(version, 'major'))).toBe('v2.0.0');
  });
});

describe('module paths', () => {
  it.runIf(shared).each(shared?.tag_prefix ?? [])(
    '$module in "$go_mod_dir" has the tag $tag',
    ({ module, go_mod_dir, tag_for, tag }) => {
      const result = streamOf({ dir: go_mod_dir, path: module });
      if (tag === null) {
        expect(result).toHaveProperty('fault');
        return;
      }
      if ('fault' in result) throw new Error(result.fault);
      expect(result.stream.prefix + tag_for!).toBe(tag);
      expect(result.stream.majors).toContain(parseVersion(tag_for!)!.major);
    },
  );

  it.each([
    ['module example.com/x\n', 'example.com/x'],
    ['// comment\r\nmodule "example.com/x" // more\r\n\r\ngo 1.22\r\n', 'example.com/x'],
    ['\uFEFFmodule `example.com/x`', 'example.com/x'],
    ['module (\n\n  // here\n  example.com/x\n)\n', 'example.com/x'],
    ['go 1.22\nrequire example.com/module v1.0.0\n', null],
    ['// module example.com/x\n', null],
    ['', null],
  ])('are read from %j', (text, path) => {
    expect(readModulePath(text)).toBe(path);
  });

  it('have a recipe for another major', () => {
    expect(majorRecipe({ dir: '', path: 'a.com/x' }, 2n)).toContain('go mod edit -module a.com/x/v2 ');
    expect(majorRecipe({ dir: 'sub', path: 'a.com/x/sub/v2' }, 3n)).toContain(
      'in sub: go mod edit -module a.com/x/sub/v3 ',
    );
    expect(majorRecipe({ dir: '', path: 'a.com/x/v2' }, 1n)).toContain('go mod edit -module a.com/x ');
    expect(majorRecipe({ dir: '', path: 'gopkg.in/yaml.v2' }, 3n)).toContain('go mod edit -module gopkg.in/yaml.v3 ');
  });
});

describe('modulesOf', () => {
  it('finds every module that is released, the root first', () => {
    const files = [
      'vendor/a/go.mod',
      'sub/go.mod',
      'go.mod',
      'x/testdata/go.mod',
      '.hidden/go.mod',
      'not-go.mod',
      '_old/go.mod',
    ];
    const modules = modulesOf(files.map(path => ({ path, text: `module m/${path}\n` })));
    expect(modules).toEqual([
      { dir: '', path: 'm/go.mod' },
      { dir: 'sub', path: 'm/sub/go.mod' },
    ]);
    expect(isInModule('sub/a.go', modules[0]!, modules)).toBe(false);
    expect(isInModule('sub/a.go', modules[1]!, modules)).toBe(true);
    expect(isInModule('submarine/a.go', modules[0]!, modules)).toBe(true);
  });
});

describe('release lines', () => {
  it.each([
    ['release/1.4', 'v1.4.x'],
    ['release-1.4', 'v1.4.x'],
    ['release/v1.4', 'v1.4.x'],
    ['1.4.x', 'v1.4.x'],
    ['v1.4', 'v1.4.x'],
    ['stable/0.10', 'v0.10.x'],
    ['release/1.x', 'v1.x'],
    ['v2', 'v2.x'],
    ['3.x', 'v3.x'],
  ])('%s is the line %s', (branch, line) => {
    expect(nameOfLine(lineOfBranch(branch)!)).toBe(line);
  });

  it.each([
    'main',
    '2024',
    'release/next',
    'feature/1.4',
    'release/1.4.2',
    'release/01.4',
    'v1.4-fix',
    'release/1.4/x',
  ])('%s is none', branch => {
    expect(lineOfBranch(branch)).toBeNull();
  });
});
