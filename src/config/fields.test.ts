import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { byteSize, duration, httpUrl, listenAddress, name, projectPath, projectPattern, secret } from './fields.ts';

function faultsOf(field: z.ZodType, value: unknown): string[] {
  return field.safeParse(value).error?.issues.map(issue => issue.message) ?? [];
}

describe('secret', () => {
  it.each([
    [{ file: '/run/secrets/x' }, { secretIn: 'file', path: '/run/secrets/x' }],
    [{ env: 'GITLAB_TOKEN' }, { secretIn: 'env', name: 'GITLAB_TOKEN' }],
    [{ credential: 'gitlab-token' }, { secretIn: 'credential', name: 'gitlab-token' }],
  ])('takes %j', (given, reference) => {
    expect(secret.parse(given)).toEqual(reference);
  });

  it.each([
    ['glpat-verysecret', /plain text.*copied.*\{ file: .*\{ env: .*\{ credential: /],
    [12345, /plain text/],
    [undefined, /is missing.*\{ file: /],
    [null, /exactly one of/],
    [{}, /exactly one of/],
    [{ file: 'a', env: 'B' }, /exactly one of/],
    [{ file: '' }, /must name a file/],
    [{ env: 'glpat-verysecret' }, /name of an environment variable, not the secret itself/],
    [{ credential: '../../etc/shadow' }, /name of a systemd credential/],
    [{ credential: '..' }, /name of a systemd credential/],
    [['glpat-verysecret'], /exactly one of/],
  ])('refuses %j and does not repeat it', (given, why) => {
    const faults = faultsOf(secret, given);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(why);
    expect(faults[0]).not.toContain('verysecret');
  });
});

describe('duration', () => {
  it.each([
    ['500ms', 500],
    ['90s', 90_000],
    ['15m', 900_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    ['1d2h3m4s5ms', 93_784_005],
    ['0s', 0],
  ])('%s is %i ms', (text, milliseconds) => {
    expect(duration.parse(text)).toBe(milliseconds);
  });

  it.each(['', '15', 15, '15 m', '-1m', '1.5h', '30m1h', '1m1m', '15M', null])('refuses %j', given => {
    expect(faultsOf(duration, given)).toEqual([expect.stringMatching(/unit/)]);
  });

  it('reads back what it was written from', () => {
    const parts = fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99), fc.nat(99), fc.nat(999));
    fc.assert(
      fc.property(parts, ([d, h, m, s, ms]) => {
        const expected = (((d * 24 + h) * 60 + m) * 60 + s) * 1000 + ms;
        expect(duration.parse(`${d}d${h}h${m}m${s}s${ms}ms`)).toBe(expected);
      }),
    );
  });
});

describe('byteSize', () => {
  it.each([
    ['512B', 512],
    ['1kB', 1000],
    ['1KiB', 1024],
    ['1.5 GiB', 1_610_612_736],
    ['8GiB', 8_589_934_592],
    ['1TB', 1e12],
    ['8191TiB', 8191 * 2 ** 40],
  ])('%s is %i', (text, bytes) => {
    expect(byteSize.parse(text)).toBe(bytes);
  });

  it.each(['', '8', 8, '8G', '8gib', '-1B', '1.5B', '0.001kB ', '8192TiB', '999999999999999TiB'])(
    'refuses %j',
    given => {
      expect(faultsOf(byteSize, given)).toHaveLength(1);
    },
  );
});

describe('projectPath and projectPattern', () => {
  it.each(['acme/appliance', 'acme/tools/builder', 'a_b/c.d-e', '1/2', '_x/_y'])('%s is a project', path => {
    expect(projectPath.parse(path)).toBe(path);
    expect(projectPattern.parse(path)).toBe(path);
  });

  it.each([
    'appliance',
    '/acme/x',
    'acme/x/',
    'acme//x',
    'acme/x.git',
    'a.atom/x',
    'acme/-x',
    'acme/.x',
    'https://g/a/b',
    'acme/lib-*',
    'a b/c',
    '',
  ])('%j is not', path => {
    expect(faultsOf(projectPath, path)).toEqual([expect.stringMatching(/acme\/appliance/)]);
  });

  it.each(['acme/lib-*', 'acme/*', '*/*'])('%s is a pattern', pattern => {
    expect(projectPattern.parse(pattern)).toBe(pattern);
  });

  it.each(['*', 'acme', 'acme/**x /y', '/acme/*'])('%j is not a pattern', pattern => {
    expect(faultsOf(projectPattern, pattern)).toHaveLength(1);
  });

  it('answers a long path quickly', () => {
    const started = performance.now();
    projectPath.safeParse(`a/${'a.git-'.repeat(50_000)} `);
    projectPattern.safeParse(`a/${'*'.repeat(100_000)} `);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

describe('httpUrl', () => {
  it.each([
    ['https://gitlab.example.com', 'https://gitlab.example.com'],
    ['https://gitlab.example.com/', 'https://gitlab.example.com'],
    ['HTTPS://GitLab.Example.com:443/git/', 'https://gitlab.example.com/git'],
    ['http://127.0.0.1:8929', 'http://127.0.0.1:8929'],
    ['http://[::1]:80/x', 'http://[::1]/x'],
  ])('%s is %s', (text, url) => {
    expect(httpUrl.parse(text)).toBe(url);
  });

  it.each([
    ['gitlab.example.com', /starts with https/],
    ['ftp://x', /starts with https/],
    ['https:///x', /starts with https/],
    ['https://a b', /valid address/],
    ['https://user:verysecret@x', /user or password/],
    ['https://x/?token=verysecret', /before \? and #/],
    ['https://x/#a', /before \? and #/],
  ])('refuses %s and does not repeat it', (text, why) => {
    expect(faultsOf(httpUrl, text)).toEqual([expect.stringMatching(why)]);
    expect(faultsOf(httpUrl, text).join()).not.toContain('verysecret');
  });
});

describe('listenAddress', () => {
  it.each([
    ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
    ['[::1]:0', { host: '::1', port: 0 }],
    ['localhost:65535', { host: 'localhost', port: 65_535 }],
  ])('%s', (text, address) => {
    expect(listenAddress.parse(text)).toEqual(address);
  });

  it.each([8080, '8080', ':8080', '127.0.0.1', '127.0.0.1:http', '::1:80', '1.2.3.4:65536', 'http://x:1'])(
    'refuses %j',
    given => {
      expect(faultsOf(listenAddress, given)).toHaveLength(1);
    },
  );
});

describe('name', () => {
  it.each(['box-1', 'Ada Lovelace', 'Ä', 'forward merge', 'x'.repeat(100)])('takes %j', text => {
    expect(name.parse(text)).toBe(text);
  });

  it.each(['', ' x', 'x ', 'a\nb', 'a\u0000b', 'x'.repeat(101)])('refuses %j', text => {
    expect(faultsOf(name, text)).toHaveLength(1);
  });
});
