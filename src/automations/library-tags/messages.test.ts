import { describe, expect, it } from 'vitest';
import { conventionalBump, keywordBump, readConventionalCommit } from './conventional-commit.ts';
import { normalizeMessage, renderTagMessage } from './render.ts';
import { findSkipMarker } from './skip-marker.ts';
import { readTrailers } from './trailers.ts';

describe('conventional commits', () => {
  it.each([
    ['feat: a', 'minor'],
    ['feat(scope): a', 'minor'],
    ['Feat: a', 'minor'],
    ['fix!: a', 'major'],
    ['fix(scope)!: a', 'major'],
    ['fix: a\n\nBREAKING CHANGE: b', 'major'],
    ['fix: a\r\n\r\nBREAKING-CHANGE: b\r\n', 'major'],
    ['anything\n\nBREAKING CHANGE: b', 'major'],
    ["Merge branch 'x' into 'main'\n\nfeat: a\n\nSee merge request a/b!1", 'minor'],
    ['docs: say hello!: now', 'patch'],
    ['see feat: a', 'patch'],
    ['feat:a', 'patch'],
    ['feature-flag: a', 'patch'],
    ['fix: a\n\nfeat: only text', 'patch'],
    ['fix: a\n\nno breaking change: really', 'patch'],
    ['BREAKING CHANGE: in the subject', 'patch'],
    ['', 'patch'],
  ] as const)('%j asks for a %s', (message, bump) => {
    expect(conventionalBump(message)).toBe(bump);
  });

  it('have a type', () => {
    expect(readConventionalCommit('Chore(deps): x')).toEqual({ type: 'chore', breaking: false });
    expect(readConventionalCommit('no type')).toBeNull();
  });
});

describe('keywords', () => {
  it.each([
    ['[major] a', 'major'],
    ['a\n\n#MINOR b', 'minor'],
    ['#minority', 'patch'],
    ['#patch', 'patch'],
  ] as const)('%j asks for a %s', (message, bump) => {
    expect(keywordBump(message)).toBe(bump);
  });
});

describe('trailers', () => {
  it('are in the last paragraph', () => {
    expect(readTrailers('a\n\nb\n\nRelease: minor\nSigned-off-by: Ada\n')).toEqual([
      { key: 'Release', value: 'minor' },
      { key: 'Signed-off-by', value: 'Ada' },
    ]);
    expect(readTrailers('a\r\n\r\nRelease: minor\r\n')).toEqual([{ key: 'Release', value: 'minor' }]);
    expect(readTrailers('a\n\nRelease: minor\n\nSee merge request a/b!1\n')).toEqual([
      { key: 'Release', value: 'minor' },
    ]);
  });

  it('are not in the subject or in the middle', () => {
    expect(readTrailers('Release: minor')).toEqual([]);
    expect(readTrailers('a\n\nRelease: minor\n\nmore text\n')).toEqual([]);
  });
});

describe('skip markers', () => {
  const labels = ['release::none'];

  it.each(['a [skip release]', 'a [release skip]', '[SKIP TAG] a', 'a\n\n[no-release]', 'a\n\nRelease: none\n'])(
    '%j skips',
    message => {
      expect(findSkipMarker(message, [], labels)).toContain('the commit message says');
    },
  );

  it.each(['a skip release', 'a [skip ci]', 'a [skip releases]', 'a\n\nRelease: minor\n', ''])(
    '%j does not',
    message => {
      expect(findSkipMarker(message, ['other'], labels)).toBeNull();
    },
  );

  it('can be labels', () => {
    expect(findSkipMarker('a', ['x', 'Release::None'], labels)).toBe('the merge request has the label "Release::None"');
  });
});

describe('the tag message', () => {
  const fast = { parents: ['1'] };
  const merge = { parents: ['1', '2'] };
  const mergeRequest = {
    reference: 'acme/lib-ssh!1',
    title: 'Fix backup, #1',
    description: 'Because it broke.\n',
    labels: [],
  };

  it.each([
    'one\n',
    '# hash\r\n\r\n\r\n\tdone $(rm -rf /)\n',
    '🚂 größe 👩‍👩‍👧\n',
    `${'64 kilobytes '.repeat(5_000)}x\n`,
    '\n\n  late start\n',
  ])('is the commit message, byte for byte: %j', message => {
    expect(renderTagMessage('v1.0.0', { ...fast, message })).toBe(message);
  });

  it.each([
    ['one newline at the end', 'a\n\n\n \n', 'a\n'],
    ['also where there was none', 'a', 'a\n'],
    ['no control characters', 'a\u001B[31mred\u0000\u0007\n', 'a[31mred\n'],
    [
      'nothing that git takes for a signature',
      'a\n-----BEGIN PGP SIGNATURE-----\n',
      'a\n -----BEGIN PGP SIGNATURE-----\n',
    ],
    ['never empty', ' \n', 'v1.0.0\n'],
  ])('has %s', (_what, message, expected) => {
    expect(normalizeMessage(message, 'v1.0.0')).toBe(expected);
  });

  it('has an end, between two characters', () => {
    const message = normalizeMessage(`${'🚂'.repeat(100_000)}\n`, 'v1.0.0');
    expect(message).toMatch(/^(?:🚂)+\n\n\[cut off: the message has 400001 bytes\]\n$/u);
    expect(Buffer.byteLength(message)).toBeLessThan(257 * 1024);
  });

  it('of a merge commit begins with the title, and has everything once', () => {
    const message = "Merge branch 'fix' into 'main'\n\nFix backup, #1\n\nSee merge request acme/lib-ssh!1\n";
    expect(renderTagMessage('v1', { ...merge, message }, mergeRequest)).toBe(
      `Fix backup, #1\n\n${message}\nBecause it broke.\n`,
    );
  });

  it('of a merge commit with a subject of its own keeps it first', () => {
    const message = 'Backups work again\n';
    expect(renderTagMessage('v1', { ...merge, message }, mergeRequest)).toBe(
      'Backups work again\n\nFix backup, #1\n\nBecause it broke.\n\nSee merge request acme/lib-ssh!1\n',
    );
  });

  it('does not take !1 for mentioned by !12', () => {
    const message = 'Fix backup, #1\n\nafter acme/lib-ssh!12\n';
    expect(renderTagMessage('v1', { ...merge, message }, mergeRequest)).toContain('See merge request acme/lib-ssh!1\n');
  });

  it('has the beginning of a long description, without the template comments', () => {
    const description = `<!-- please fill in -->\r\n\r\n${'word '.repeat(400)}🚂`;
    const text = renderTagMessage('v1', { ...merge, message: 'a\n' }, { ...mergeRequest, description });
    expect(text).not.toContain('please');
    expect(text).toMatch(/\n\n(?:word ){150,200}…\n\n/);
  });

  it('of any other commit has nothing of the merge request', () => {
    expect(renderTagMessage('v1', { ...fast, message: 'a\n' }, mergeRequest)).toBe('a\n');
  });
});
