import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTag } from './create-tag.ts';
import { sendBySocket } from './send-by-socket.ts';
import { encodeTag, isTagName, type Tagger } from './tag-object.ts';
import { importHistory } from './testing/import-history.ts';
import { withServed } from './testing/with-served.ts';

const TAGGER: Tagger = { name: 'Signalbox', email: 'signalbox@example.com', seconds: 1_700_000_000, zone: '+0100' };

const MESSAGES: [string, string][] = [
  ['one line', 'Fix backup\n'],
  ['no newline at the end', 'Fix backup'],
  ['CRLF, # lines and blank lines', '# not a comment\r\n\r\n\n\n# again\r\n'],
  ['shell words', '$(rm -rf /) `id` "\'; --force -m\n'],
  ['emoji and combined characters', '🚂 Zu\u0308ge nach Köln 👩‍👩‍👧\n'],
  ['64 KB', `${'long line '.repeat(6_600)}\n`],
];

describe('encodeTag', () => {
  it.each(MESSAGES)('makes the bytes that git tag makes: %s', async (_what, message) => {
    await withServed(async ({ repository }) => {
      const [commit] = importHistory(repository, [{ parents: [] }]);
      for (const name of ['Ada Lovelace', ' .Ada <l>, ', 'Zoë "Z" O\'Neil.']) {
        const tag = `v1.0.${name.length}`;
        const email = ' <a@example.com> ';
        repository.git(['tag', '-a', '-F', '-', '--cleanup=verbatim', tag, commit!], message, {
          GIT_COMMITTER_NAME: name,
          GIT_COMMITTER_EMAIL: email,
          GIT_COMMITTER_DATE: `${TAGGER.seconds} ${TAGGER.zone}`,
        });
        const bytes = encodeTag({ commit: commit!, name: tag, tagger: { ...TAGGER, name, email }, message });
        const made = repository.git(['hash-object', '-t', 'tag', '--stdin'], bytes);
        expect(made).toBe(repository.git(['rev-parse', tag]));
      }
    });
  });

  it('refuses what is no commit id and no tag name', () => {
    const tag = { commit: '1'.repeat(40), name: 'v1.0.0', tagger: TAGGER, message: 'x' };
    expect(() => encodeTag({ ...tag, commit: 'HEAD' })).toThrow('full commit id');
    expect(() => encodeTag({ ...tag, name: 'v1..0' })).toThrow('tag name');
  });
});

describe('isTagName', () => {
  it('agrees with git check-ref-format', async () => {
    await withServed(async ({ repository }) => {
      const names = [
        'v1',
        'sub/v1.2.3',
        'a..b',
        'a.',
        '.a',
        'a/.b',
        'a.lock',
        'a.lock/b',
        'a b',
        'a~',
        'a^',
        'a:',
        'a?',
        'a*',
      ];
      names.push(
        'a[',
        'a\\',
        'a\x7f',
        'a\tb',
        'a@{',
        '@',
        'a//b',
        '/a',
        'a/',
        '',
        'ü',
        '$(rm)',
        'a@',
        'x.lockx',
        '-a',
        "a'b",
      );
      for (const name of names) {
        let expected = true;
        try {
          // `git tag` refuses a leading dash on top of check-ref-format.
          repository.git(['check-ref-format', `refs/tags/${name}`]);
          expected = !name.startsWith('-') && name !== '@';
        } catch {
          expected = false;
        }
        expect([name, isTagName(name)]).toEqual([name, expected]);
      }
    });
  });
});

describe('createTag', () => {
  it.each(MESSAGES)('creates an annotated tag that git finds in order: %s', async (_what, message) => {
    await withServed(async ({ repository, remote }) => {
      const [commit] = importHistory(repository, [{ parents: [] }]);
      for (const [index, send] of [remote.send, sendBySocket].entries()) {
        const name = `sub/v1.0.${index}`;
        const result = await createTag({ ...remote, send }, { commit: commit!, name, tagger: TAGGER, message });
        expect(result).toEqual({ outcome: 'created', oid: repository.git(['rev-parse', `refs/tags/${name}`]) });
        expect(repository.git(['rev-parse', `refs/tags/${name}^{}`])).toBe(commit);
        const content = repository.git(['cat-file', 'tag', name]);
        expect(`${content}\n`.replace(/\n\n$/, '\n')).toContain(message);
      }
      expect(repository.git(['fsck', '--strict', '--no-dangling'])).toBe('');
    });
  });

  it('never touches a tag that exists, whatever it points at', async () => {
    await withServed(async ({ repository, remote }) => {
      const commits = importHistory(repository, [{ parents: [] }, { parents: [0] }], [{ name: 'v1.0.0', at: 0 }]);
      const before = repository.git(['show-ref']);
      for (const commit of commits) {
        const result = await createTag(remote, { commit, name: 'v1.0.0', tagger: TAGGER, message: 'x\n' });
        expect(result.outcome).toBe('conflict');
      }
      expect(repository.git(['show-ref'])).toBe(before);
    });
  });

  it('lets exactly one of many at the same time create a name', async () => {
    await withServed(async ({ repository, remote }) => {
      const plan = Array.from({ length: 8 }, (_, index) => ({ parents: index === 0 ? [] : [index - 1] }));
      const commits = importHistory(repository, plan);
      const results = await Promise.all(
        commits.map(commit => createTag(remote, { commit, name: 'v1.0.0', tagger: TAGGER, message: `${commit}\n` })),
      );
      const winners = results.flatMap((result, index) => (result.outcome === 'created' ? [commits[index]] : []));
      expect(winners).toEqual([repository.git(['rev-parse', 'v1.0.0^{}'])]);
      expect(results.filter(({ outcome }) => outcome === 'conflict')).toHaveLength(7);
    });
  });

  it('tells what a hook says, as GitLab does for a protected tag', async () => {
    await withServed(async ({ repository, remote }) => {
      const [commit] = importHistory(repository, [{ parents: [] }]);
      const hook = join(repository.directory, '.git/hooks/pre-receive');
      writeFileSync(
        hook,
        '#!/bin/sh\necho "GitLab: You are not allowed to create this tag as it is protected." >&2\nexit 1\n',
      );
      chmodSync(hook, 0o755);
      const result = await createTag(remote, { commit: commit!, name: 'v1.0.0', tagger: TAGGER, message: 'x\n' });
      expect(result).toEqual({
        outcome: 'denied',
        reason: 'pre-receive hook declined',
        words: 'GitLab: You are not allowed to create this tag as it is protected.',
      });
    });
  });

  it('does not tag a commit that the server does not have', async () => {
    await withServed(async ({ repository, remote }) => {
      importHistory(repository, [{ parents: [] }]);
      const result = await createTag(remote, {
        commit: '1'.repeat(40),
        name: 'v1.0.0',
        tagger: TAGGER,
        message: 'x\n',
      });
      expect(result.outcome).toBe('failed');
      expect(repository.git(['tag'])).toBe('');
    });
  });

  it('reports a name that is a directory of others as a conflict', async () => {
    await withServed(async ({ repository, remote }) => {
      const [commit] = importHistory(repository, [{ parents: [] }], [{ name: 'v1.0.0/x', at: 0 }]);
      const result = await createTag(remote, { commit: commit!, name: 'v1.0.0', tagger: TAGGER, message: 'x\n' });
      expect(result.outcome).toBe('conflict');
    });
  });

  it('works in a SHA-256 repository', async () => {
    await withServed(
      async ({ repository, remote }) => {
        const [commit] = importHistory(repository, [{ parents: [] }]);
        const result = await createTag(remote, { commit: commit!, name: 'v1.0.0', tagger: TAGGER, message: 'x\n' });
        expect(result).toEqual({ outcome: 'created', oid: repository.git(['rev-parse', 'v1.0.0']) });
      },
      { format: 'sha256' },
    );
  });
});
