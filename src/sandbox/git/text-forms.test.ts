import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { formatIdentity, parseIdentity } from './identity.ts';
import { commitTitle } from './parse-objects.ts';
import { isValidRefName } from './ref-name.ts';
import { parseTrailers } from './trailers.ts';

describe('isValidRefName', () => {
  const good = ['main', 'release/5.3', 'a#b', '100%', 'ü/日本', 'quo"te', "it's", 'tick`s', 'a@b', '{x}', 'a;b', '$x'];
  const bad = [
    '',
    '-x',
    'a..b',
    'a.lock',
    'a.lock/b',
    '.a',
    'a/.b',
    'a/',
    '/a',
    'a//b',
    'a.',
    'a b',
    'a~',
    'a^',
    'a:b',
  ];
  const odd = ['a?', 'a*', 'a[', 'a\\b', 'a@{b', 'a\tb', 'a\x7f', 'a\u0085b', 'HEAD', 'a,b'];
  it.each(['@', 'refs/heads/main', 'refs/tags/v1'])('refuses %j like GitLab, though git would take it', name => {
    expect(isValidRefName(name)).toBe(false);
  });
  it.each([...good, ...bad, ...odd])('says of %j what git says', name => {
    const { status } = spawnSync('git', ['check-ref-format', '--branch', name], { cwd: '/' });
    expect(isValidRefName(name)).toBe(status === 0);
  });
});

describe('identities', () => {
  it('keep their own offset, with milliseconds, as GitLab prints them', () => {
    const text = formatIdentity({ name: 'Ada <x>', email: 'ada@example.com', date: '2026-03-01T10:00:00.500+05:30' });
    expect(text).toBe('Ada x <ada@example.com> 1772339400 +0530');
    expect(parseIdentity(text)).toEqual({
      name: 'Ada x',
      email: 'ada@example.com',
      date: '2026-03-01T10:00:00.000+05:30',
    });
    expect(parseIdentity('Old <o@x> 1 -0330').date).toBe('1969-12-31T20:30:01.000-03:30');
    expect(parseIdentity('<> 0 +0000')).toEqual({ name: '', email: '', date: '1970-01-01T00:00:00.000+00:00' });
  });
});

describe('commit messages', () => {
  it('have the title GitLab shows', () => {
    expect(commitTitle('One\nTwo')).toBe('One');
    expect(commitTitle('\n')).toBe('No commit message');
    expect(commitTitle('x'.repeat(99))).toBe('x'.repeat(99));
    expect(commitTitle(`${'word '.repeat(30)}`)).toBe(`${'word '.repeat(15).trim()}...`);
    expect(commitTitle('é'.repeat(200))).toBe(`${'é'.repeat(78)}...`);
  });

  const messages = [
    'Title\n\nBody\n\nChangelog: added\nSigned-off-by: Ada <a@x>\nSigned-off-by: Bob <b@x>\n',
    'Title\n\nChangelog: fixed',
    'Title\nChangelog: not a trailer',
    'Changelog: title only',
    'Title\n\nSome text\nNote: in the middle',
    'Title\n\nKey: folded\n  over lines\nOther: x',
    'Title\n\nBody\n\n(cherry picked from commit 1234)\nReviewed-by: C',
  ];
  it.each(messages)('have the trailers git finds: %j', message => {
    const args = ['interpret-trailers', '--parse', '--no-divider'];
    const { stdout } = spawnSync('git', args, { cwd: '/', input: message, encoding: 'utf8' });
    const found = Object.entries(parseTrailers(message).extendedTrailers)
      .flatMap(([key, values]) => values.map(value => `${key}: ${value}`))
      .sort();
    expect(found).toEqual(
      stdout
        .split('\n')
        .filter(line => /^[\w-]+: /.test(line))
        .sort(),
    );
  });
});
