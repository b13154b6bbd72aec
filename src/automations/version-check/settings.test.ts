import { describe, expect, it } from 'vitest';
import { versionCheckSection, versionCheckSettings } from './settings.ts';

function project(settings: Record<string, unknown>) {
  const parsed = versionCheckSettings.safeParse({ projects: { 'acme/appliance': settings } });
  return parsed.success
    ? parsed.data.projects['acme/appliance']
    : parsed.error.issues.map(({ path, message }) => `${path.slice(2).join('.')}: ${message}`);
}

const VERSION = [{ file: 'VERSION' }];

describe('the settings of a project', () => {
  it('need no more than a place for the version', () => {
    expect(project({ version: VERSION })).toEqual({
      version: [{ from: 'file', file: 'VERSION', read: { as: 'detect' } }],
      versions_must_agree: false,
      compare: 2,
      gate: ['thread'],
      status_name: 'signalbox/version-check',
      override: { role: 'maintainer' },
      on_draft: 'check',
      unknown: 'note',
      forward_merge: 'allow',
      bump_paths: expect.arrayContaining(['CHANGELOG*']) as string[],
      exclude_files: [],
    });
  });

  it.each<[Record<string, unknown>, unknown]>([
    [
      { file: 'a.txt', pattern: '^v=(.+)' },
      { from: 'file', file: 'a.txt', read: { as: 'pattern', pattern: '^v=(.+)' } },
    ],
    [
      { file: 'a.json', json: '/a.b/c' },
      { from: 'file', file: 'a.json', read: { as: 'json', path: '/a.b/c' } },
    ],
    [
      { file: 'a.toml', toml: 'a[0].b' },
      { from: 'file', file: 'a.toml', read: { as: 'toml', path: 'a[0].b' } },
    ],
    [
      { file: 'a.yml', yaml: 'variables.V' },
      { from: 'file', file: 'a.yml', read: { as: 'yaml', path: 'variables.V' } },
    ],
    [
      { file: 'a.xml', xml: '/w/@v' },
      { from: 'file', file: 'a.xml', read: { as: 'xml', path: '/w/@v' } },
    ],
    [
      { file: 'CMakeLists.txt', cmake: 'x' },
      { from: 'file', file: 'CMakeLists.txt', read: { as: 'cmake', name: 'x' } },
    ],
    [
      { file: 'v.go', go: 'Release' },
      { from: 'file', file: 'v.go', read: { as: 'go', name: 'Release' } },
    ],
    [
      { file: 'v.h', define: 'V' },
      { from: 'file', file: 'v.h', read: { as: 'define', name: 'V' } },
    ],
    [{ branch: 'release/(.+)' }, { from: 'branch', pattern: 'release/(.+)' }],
    [{ tag: '^v(.+)$' }, { from: 'tag', pattern: '^v(.+)$' }],
    [{ tag: true }, { from: 'tag', pattern: '^v?([0-9].*)$' }],
  ])('read %j', (given, extractor) => {
    expect(project({ version: [given] })).toMatchObject({ version: [extractor] });
  });

  it.each<[Record<string, unknown>, string[]]>([
    [{ version: [] }, ['version: must list at least one place, such as { file: VERSION }']],
    [{ version: [{}] }, ['version.0: must say exactly one of file, branch and tag']],
    [{ version: [{ file: 'a', tag: true }] }, ['version.0: must say exactly one of file, branch and tag']],
    [
      { version: [{ branch: '(x)', json: 'a' }] },
      ['version.0: cannot use json with branch: only a file is read that way'],
    ],
    [
      { version: [{ file: '/etc/passwd' }] },
      ['version.0.file: must be a path inside the repository, without / in front'],
    ],
    [
      { version: [{ file: 'a/../../b' }] },
      ['version.0.file: must be a path inside the repository, without / in front'],
    ],
    [
      { version: [{ file: 'a', json: 'a..b' }] },
      ['version.0.json: must be a path such as package.version, or a JSON pointer such as /packages/a.b'],
    ],
    [
      { version: [{ file: 'a', xml: 'version' }] },
      ['version.0.xml: must be the full path of an element or attribute, such as /project/version'],
    ],
    [
      { version: [{ branch: 'release/.+' }] },
      ['version.0.branch: must have a group in parentheses around the version, such as release/(.+)'],
    ],
    [
      { version: [{ branch: '(' }] },
      ['version.0.branch: must be a valid regular expression (JavaScript syntax, unicode)'],
    ],
    [{ version: VERSION, gate: [] }, ['gate: must list at least one gate']],
    [{ version: VERSION, compare: 0 }, ['compare: Too small: expected number to be >=1']],
    [{ version: VERSION, compare: 1.5 }, ['compare: must be a whole number']],
    [
      { version: VERSION, gate: ['external_status_check'] },
      ['gate: lists external_status_check: say which one, as external_status_check: NAME beside it'],
    ],
  ])('are refused: %j', (given, faults) => {
    expect(project(given)).toEqual(faults);
  });

  it('may name the external status check', () => {
    expect(project({ version: VERSION, gate: ['external_status_check'], external_status_check: 'x' })).toMatchObject({
      external_status_check: 'x',
    });
  });
});

describe('what the section needs', () => {
  it('is GitLab, and the common lines unless every project has its own', () => {
    const lines = [{ name: '1', branch: 'main' }];
    expect(versionCheckSection.needs({ projects: { 'a/b': { lines }, 'a/c': { lines } } })).toEqual(['gitlab']);
    expect(versionCheckSection.needs({ projects: { 'a/b': { lines }, 'a/c': {} } })).toEqual(['gitlab', 'lines']);
    expect(versionCheckSection.needs('nonsense')).toEqual(['gitlab', 'lines']);
  });
});
