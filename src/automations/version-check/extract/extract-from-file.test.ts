import { describe, expect, it } from 'vitest';
import { extractFromFile } from './extract-from-file.ts';
import type { FileReading } from './extractor.ts';

function extract(file: string, text: string, read: FileReading = { as: 'detect' }) {
  const result = extractFromFile({ file, read }, { bytes: Buffer.from(text) });
  return result.ok ? result.version : `${result.reason}: ${result.detail}`;
}

const POM = `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <parent><groupId>acme</groupId><version>9.9.9</version></parent>
  <version>5.3.1-SNAPSHOT</version>
  <dependencies><dependency><version>1.0</version></dependency></dependencies>
</project>`;

describe('by the name of the file', () => {
  it.each<[string, string, string]>([
    ['VERSION', '5.3.1\n', '5.3.1'],
    ['releases/version', 'v5.3.1\n', '5.3.1'],
    ['version.txt', '5.3.1', '5.3.1'],
    ['package.json', '{"name":"x","dependencies":{"version":"9.9.9"},"version":"5.3.1"}', '5.3.1'],
    ['web/package.json', '{ "version": "5.3.1" }', '5.3.1'],
    ['package.json', '\uFEFF{ "version": "5.3.1" }\r\n', '5.3.1'],
    ['composer.json', '{"version":"5.3.1"}', '5.3.1'],
    ['version.json', '{"$schema":"…","version":"5.3-alpha.{height}"}', '5.3-alpha.{height}'],
    ['version.json', '{"version": 5.10}', '5.10'],
    ['.release-please-manifest.json', '{".":"5.3.1","packages/a":"9.9.9"}', '5.3.1'],
    ['.release-please-manifest.json', '{"packages/a":"5.3.1"}', '5.3.1'],
    ['Cargo.toml', '[package]\nname = "x"\nversion = "5.3.1"\n[dependencies.y]\nversion = "9.9.9"\n', '5.3.1'],
    ['Cargo.toml', '[workspace.package]\r\nversion = "5.3.1"\r\n', '5.3.1'],
    [
      'Cargo.toml',
      '[workspace.package]\nversion = "5.3.1"\n[package]\nname = "x"\nversion.workspace = true\n',
      '5.3.1',
    ],
    ['pyproject.toml', '[project]\nname = "x"\nversion = "5.3.1rc1"\n', '5.3.1rc1'],
    ['pyproject.toml', '[tool.poetry]\nversion = "5.3.1"\n', '5.3.1'],
    ['pom.xml', POM, '5.3.1-SNAPSHOT'],
    [
      'pom.xml',
      `<project><version>\${revision}\${changelist}</version><properties><revision>5.3.1</revision><changelist/></properties></project>`,
      '5.3.1',
    ],
    ['src/App.csproj', '<Project><PropertyGroup>\n<Version>5.3.1</Version>\n</PropertyGroup></Project>', '5.3.1'],
    ['gradle.properties', 'org.gradle.jvmargs=-Xmx2g\nversion = 5.3.1\n', '5.3.1'],
    ['gradle.properties', 'VERSION_NAME=5.3.1-SNAPSHOT\r\n', '5.3.1-SNAPSHOT'],
    ['build.gradle.kts', 'plugins {}\nversion = "5.3.1"\n', '5.3.1'],
    ['setup.cfg', '[metadata]\nname = x\nversion = 5.3.1\n', '5.3.1'],
    ['GitVersion.yml', 'mode: ContinuousDelivery\nnext-version: 5.10\n', '5.10'],
    ['chart/Chart.yaml', 'apiVersion: v2\nversion: 5.3.1\nappVersion: "9.9"\n', '5.3.1'],
    [
      'debian/changelog',
      'appliance (1:5.3.1-2) unstable; urgency=medium\n\n  * x\n\nappliance (9.9) unstable\n',
      '5.3.1-2',
    ],
    ['CMakeLists.txt', 'cmake_minimum_required(VERSION 3.20)\nproject(x VERSION 5.3.1 LANGUAGES C)\n', '5.3.1'],
    ['CMakeLists.txt', '# project(x VERSION 9.9.9)\nPROJECT (\n  "x"\n  VERSION 5.3.1 # now\n)\n', '5.3.1'],
    ['CMakeLists.txt', `set(MAJOR 5)\nset(V "\${MAJOR}.3.1")\nproject(x VERSION \${V})\n`, '5.3.1'],
    ['configure.ac', 'AC_INIT([appliance], [5.3.1], [bugs])\n', '5.3.1'],
    ['version.go', 'package main\n\nconst Version = "5.3.1"\n', '5.3.1'],
    ['version.go', 'package main\n\nconst (\n\tName = "x"\n\tVersion = "5.3.1" // now\n)\n', '5.3.1'],
    [
      'version.go',
      'package main\n// const Version = "9.9.9"\n/*\nconst Version = "9.9.9"\n*/\nvar appVersion string = `5.3.1`\n',
      '5.3.1',
    ],
    ['include/version.h', '#pragma once\n#define APP_VERSION "5.3.1"\n', '5.3.1'],
    ['version.h', '#define VERSION_MAJOR 5\n#define VERSION_MINOR 3\n#define VERSION_PATCH 1\n', '5.3.1'],
    ['version.h', '#  define  FOO_VERSION_MAJOR 5\n#  define FOO_VERSION_MINOR 3\n', '5.3'],
    ['pkg/__init__.py', '__version__: str = "5.3.1"\n', '5.3.1'],
    ['lib/x/version.rb', "module X\n  VERSION = '5.3.1'\nend\n", '5.3.1'],
  ])('%s: %j', (file, text, version) => {
    expect(extract(file, text)).toBe(version);
  });

  it.each<[string, string, RegExp]>([
    ['package.json', '{"name":"x"}', /^no-match: there is nothing at version/],
    ['package.json', '{"version":null}', /^not-a-version/],
    ['package.json', '{"version":"0.0.0-development"}', /^not-a-version: "0.0.0-development" is a placeholder/],
    ['package.json', '{"version":"5.3.1"', /^no-match: the file is not valid JSON/],
    ['package.json', `${'['.repeat(200_000)}`, /^no-match/],
    ['package.json', '{"__proto__":{"version":"5.3.1"}}', /^no-match/],
    ['Cargo.toml', '[package]\nversion.workspace = true\n', /^not-a-version: package.version is an object/],
    ['Cargo.toml', '[package]\nversion = 5.10\n', /^not-a-version: .*quotes/],
    ['pyproject.toml', '[project]\ndynamic = ["version"]\n', /^no-match/],
    ['pom.xml', '<project><parent><version>5.3.1</version></parent></project>', /^no-match: .*parent/],
    ['pom.xml', `<project><version>\${revision}</version></project>`, /^not-a-version/],
    ['pom.xml', '<project><version>5.3.1</project>', /^no-match: the file is not valid XML/],
    [
      'pom.xml',
      '<!DOCTYPE p [<!ENTITY v "5.3.1">]><project><version>&v;</version></project>',
      /^no(t-a-version|-match)/,
    ],
    ['.release-please-manifest.json', '{"a":"1.0.0","b":"2.0.0"}', /^no-match: the manifest has 2 packages/],
    ['version.go', 'package main\n\nvar version = "dev"\n', /^not-a-version: "dev"/],
    ['version.go', 'package main\n\nfunc f() {\n\tconst version = "5.3.1"\n\tversion := "5.3.1"\n}\n', /^no-match/],
    ['version.go', 'package main\nconst GoVersion = "1.21"\n', /^no-match/],
    ['version.h', '#define VERSION GIT_DESCRIBE\n', /^not-a-version/],
    ['version.h', '#ifndef VERSION_H\n#define VERSION_H\n#endif\n', /^no-match/],
    ['CMakeLists.txt', 'project(x LANGUAGES C)\n', /^no-match/],
    ['CMakeLists.txt', `project(x VERSION \${FROM_GIT})\n`, /^not-a-version/],
    ['debian/changelog', '\n', /^no-match/],
    ['GitVersion.yml', 'next-version: [5]\n', /^not-a-version: next-version is a list/],
    ['GitVersion.yml', 'a: b: c\n\t- x', /^no-match: the file is not valid YAML/],
  ])('%s without a version: %j', (file, text, miss) => {
    expect(extract(file, text)).toMatch(miss);
  });
});

describe('as the settings say', () => {
  it.each<[FileReading, string, string]>([
    [{ as: 'json', path: 'app.versions[1]' }, '{"app":{"versions":["9.9","5.3.1"]}}', '5.3.1'],
    [{ as: 'json', path: '/a.b/x~1y' }, '{"a.b":{"x/y":"5.3.1"}}', '5.3.1'],
    [{ as: 'json', path: '$."a.b".c' }, '{"a.b":{"c":"5.3.1"}}', '5.3.1'],
    [{ as: 'toml', path: 'tool.x.version' }, '[tool.x]\nversion = "5.3.1"\n', '5.3.1'],
    [
      { as: 'yaml', path: 'variables.VERSION' },
      'variables:\n  VERSION: 5.10\njob: { script: !reference [.x, script] }\n',
      '5.10',
    ],
    [{ as: 'yaml', path: 'b.version' }, 'a: &a { version: 5.3.1 }\nb: *a\n', '5.3.1'],
    [{ as: 'yaml', path: 'version' }, 'version: 5.3.1\n---\nversion: 9.9.9\n', '5.3.1'],
    [{ as: 'xml', path: '/widget/@version' }, '<widget id="x" version="5.3.1"></widget>', '5.3.1'],
    [
      { as: 'xml', path: '/a/b/version' },
      '<a><b><version kind="x"> 5.10 </version></b><b><version>9.9</version></b></a>',
      '5.10',
    ],
    [{ as: 'pattern', pattern: '^VERSION_ID="?([^"]+)"?$' }, 'NAME=x\r\nVERSION_ID="5.3.1"\r\n', '5.3.1'],
    [{ as: 'pattern', pattern: '(?:^rel=|^ver=)(.*)' }, 'x=1\nver=5.3.1\nrel=9.9\n', '5.3.1'],
    [{ as: 'cmake', name: 'b' }, 'project(a VERSION 9.9)\nproject(b VERSION 5.3.1)\n', '5.3.1'],
    [{ as: 'go', name: 'Release' }, 'package x\nconst Version = "9.9"\nconst Release = "5.3.1"\n', '5.3.1'],
    [{ as: 'define', name: 'REL' }, '#define VERSION "9.9"\n#define REL 5.3.1\n', '5.3.1'],
    [{ as: 'define', name: 'REL' }, '#define REL_MAJOR 5\n#define REL_MINOR 10\n#define REL_PATCH 0\n', '5.10.0'],
  ])('%j', (read, text, version) => {
    expect(extract('anything', text, read)).toBe(version);
  });

  it.each<[FileReading, string, RegExp]>([
    [{ as: 'json', path: 'constructor.name' }, '{}', /^no-match/],
    [{ as: 'json', path: '__proto__' }, '{}', /^no-match/],
    [{ as: 'pattern', pattern: '^version=(.*)' }, 'nothing', /^no-match: no line matches/],
    [{ as: 'pattern', pattern: '^version=(.*)' }, 'version=dev', /^not-a-version/],
    [{ as: 'yaml', path: 'a.b' }, 'a: 5.3.1', /^no-match/],
    [{ as: 'define', name: 'REL' }, '#define VERSION "9.9"', /^no-match/],
    [{ as: 'go', name: 'Release' }, 'const Version = "9.9"', /^no-match/],
    [{ as: 'cmake', name: 'b' }, 'project(a VERSION 9.9)', /^no-match/],
  ])('%j without one', (read, text, miss) => {
    expect(extract('anything', text, read)).toMatch(miss);
  });

  it('does not take one of two keys of the same name', () => {
    const text = 'a: 1\na: 2\nversion: 5.3.1\nversion: 5.4.0\n';
    expect(extract('x', text, { as: 'yaml', path: 'version' })).toBe('not-a-version: version is there twice');
  });

  it.each([
    ['keys, as many as fit', Array.from({ length: 12_000 }, (_, index) => `a${index}: b`).join('\n'), 'no-match'],
    ['one key, as often as fits', 'a: b\n'.repeat(26_000), 'no-match'],
    ['brackets', '['.repeat(128 * 1024), 'no-match'],
    ['a file too long', `version: 5.3.1\n${'#'.repeat(128 * 1024)}`, 'too-large'],
  ])('bounds the time YAML takes: %s', (_name, text, reason) => {
    const started = performance.now();
    expect(extract('x', text, { as: 'yaml', path: 'version' })).toMatch(new RegExp(`^(?:${reason}):`));
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('does not expand a bomb of aliases', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghij'.split('').map((key, index) => `${key}: &${key} [${`*${'abcdefghi'[index]},`.repeat(9)}]`),
    ].join('\n');
    const started = performance.now();
    expect(extract('x', `${bomb}\nversion: 5.3.1\n`, { as: 'yaml', path: 'version' })).toBe('5.3.1');
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
