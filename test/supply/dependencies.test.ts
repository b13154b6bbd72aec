import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { judgeAudit } from '../../scripts/dependencies/judge-audit.ts';
import { judgeLock, judgeManifest } from '../../scripts/dependencies/judge-lock.ts';
import { type LockedPackage, readLockFile } from '../../scripts/dependencies/lock-file.ts';
import { RULES, shippedBy } from '../../scripts/dependencies/rules.ts';

const GOOD: LockedPackage = { version: '1.0.0', integrity: `sha512-${'A'.repeat(86)}==`, license: 'MIT' };
const MUSL = { dev: true, optional: true, os: ['linux'], cpu: ['x64'], libc: ['musl'], integrity: undefined };
const MAC = { dev: true, optional: true, os: ['darwin'], cpu: ['arm64'], integrity: undefined };

const judge = (locked: Partial<LockedPackage>, place = 'node_modules/x') =>
  judgeLock({ lockfileVersion: 3, packages: { '': {}, [place]: { ...GOOD, ...locked } } }, RULES).faults;

describe('the lock file', () => {
  it.each<[string, Partial<LockedPackage>, RegExp]>([
    ['no checksum', { integrity: undefined }, /no checksum/],
    ['a weaker one', { integrity: 'sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=' }, /no checksum/],
    ['none on this system', { ...MUSL, libc: undefined }, /no checksum/],
    ['none on another one, but shipped', { ...MAC, dev: undefined }, /no checksum/],
    ['a git repository', { resolved: 'git+ssh://git@example.com/x.git#abc' }, /not from the registry/],
    ['a file', { resolved: 'file:../x' }, /not from the registry/],
    ['an address', { resolved: 'http://example.com/x.tgz' }, /not from the registry/],
    ['a directory', { link: true, resolved: '../x' }, /link to a directory/],
    ['another package under its name', { name: 'y' }, /in truth y/],
    ['a script', { hasInstallScript: true }, /runs a script/],
    ['a script, for development', { hasInstallScript: true, dev: true }, /runs a script/],
    ['no licence', { license: undefined }, /names no licence/],
    ['a licence that asks for more', { license: 'GPL-3.0-only' }, /has the licence GPL-3.0-only/],
    ['one that is good enough only here', { license: 'MPL-2.0' }, /has the licence MPL-2.0/],
    ['another Node', { engines: { node: '>=26' } }, /needs Node >=26/],
  ])('is refused with %s', (_what, locked, why) => {
    expect(judge(locked)).toContainEqual(expect.stringMatching(why));
  });

  it.each<[string, Partial<LockedPackage>, string?]>([
    ['what is as it should be', {}],
    ['a choice of licences', { license: '(GPL-2.0 OR MIT)' }],
    ['a licence that asks for more, for development', { license: 'MPL-2.0', dev: true }],
    ['what is for another system', MAC],
    ['what is for another C library', MUSL],
    ['a script that is known', { hasInstallScript: true, dev: true }, 'node_modules/vitepress/node_modules/esbuild'],
    ['a licence that is said in the readme', { license: undefined, version: '3.0.3' }, 'node_modules/combine-errors'],
    ['several lines of Node', { engines: { node: '^22.12.0 || >=24.0.0' } }],
  ])('is taken with %s', (_what, locked, place) => {
    expect(judge(locked, place)).toEqual([]);
  });

  it('asks what is bundled to be as good as what is installed', () => {
    expect(judge({ dev: true, license: 'MPL-2.0' }, 'node_modules/preact')).toHaveLength(1);
  });

  it('is good as it is here', () => {
    const lock = readLockFile(fileURLToPath(new URL('../../package-lock.json', import.meta.url)));
    const { faults, shipped, used } = judgeLock(lock, RULES);
    expect(faults).toEqual([]);
    expect([shipped > 100, used > 200]).toEqual([true, true]);
    expect([shippedBy(lock)('node_modules/preact'), shippedBy(lock)('node_modules/vitest')]).toEqual([true, false]);
  });
});

it('wants one version of each package', () => {
  expect(judgeManifest({ a: '1.2.3', b: '1.0.0-alpha.6' })).toEqual([]);
  expect(judgeManifest({ a: '^1.2.3', b: 'latest', c: 'github:x/y', d: '1.x' })).toHaveLength(4);
});

describe('npm audit', () => {
  const hole = (severity: string, place: string) => ({
    severity,
    range: '<2.0.1',
    nodes: [place],
    via: [{ title: 'It can be read', url: 'https://example.com/1' }, 'other'],
  });
  const printed = (vulnerabilities: unknown) => JSON.stringify({ auditReportVersion: 2, vulnerabilities });
  const isShipped = (place: string) => place === 'node_modules/shipped';

  it.each([
    ['critical', 'shipped', 1, 0],
    ['high', 'shipped', 1, 0],
    ['moderate', 'shipped', 0, 1],
    ['critical', 'used', 0, 1],
  ])('with a %s hole in what is %s', (severity, where, faults, warnings) => {
    const verdict = judgeAudit(printed({ x: hole(severity, `node_modules/${where}`) }), isShipped);
    expect(verdict).toMatchObject({ ran: true, faults: { length: faults }, warnings: { length: warnings } });
    const line = `${severity}: x <2.0.1: It can be read https://example.com/1; by other`;
    expect('faults' in verdict && [...verdict.faults, ...verdict.warnings]).toEqual([line]);
  });

  it('that found nothing has run', () => {
    expect(judgeAudit(printed({}), isShipped)).toEqual({ ran: true, faults: [], warnings: [] });
  });

  it.each([
    ['the registry refuses', JSON.stringify({ message: '405 Method Not Allowed - POST', statusCode: 405 }), /^405/],
    ['nothing was printed', '', /printed ""/],
    ['something else was printed', '{"vulnerabilities": 3}', /printed/],
  ])('has not run when %s', (_what, text, because) => {
    expect(judgeAudit(text, isShipped)).toEqual({ ran: false, because: expect.stringMatching(because) });
  });
});
