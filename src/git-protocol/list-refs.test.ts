import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listRefs } from './list-refs.ts';
import { sendBySocket } from './send-by-socket.ts';
import { importHistory } from './testing/import-history.ts';
import { withServed } from './testing/with-served.ts';

describe('listRefs', () => {
  it('gives tags with what they finally point at', async () => {
    await withServed(async ({ repository, remote }) => {
      const { git } = repository;
      const [first] = importHistory(repository, [{ parents: [], files: { a: 'a' } }], [{ name: 'v1.0.0', at: 0 }]);
      git(['tag', '-a', '-m', 'annotated', 'v1.0.1', first!]);
      git(['tag', '-a', '-m', 'of a tag', 'v1.0.2', 'v1.0.1']);
      const blob = git(['rev-parse', 'main:a']);
      git(['tag', 'größe/v1.0.3', blob]);
      const refs = await listRefs(remote, { prefixes: ['refs/tags/'] });
      expect(refs).toEqual([
        { name: 'refs/tags/größe/v1.0.3', oid: blob, peeled: blob, symref: null },
        { name: 'refs/tags/v1.0.0', oid: first, peeled: first, symref: null },
        { name: 'refs/tags/v1.0.1', oid: git(['rev-parse', 'v1.0.1']), peeled: first, symref: null },
        { name: 'refs/tags/v1.0.2', oid: git(['rev-parse', 'v1.0.2']), peeled: first, symref: null },
      ]);
    });
  });

  it('gives only what begins with a prefix, and the branch behind HEAD', async () => {
    await withServed(async ({ repository, remote }) => {
      const [first] = importHistory(
        repository,
        [{ parents: [] }],
        [
          { name: 'v1.2.0', at: 0 },
          { name: 'v1.3.0', at: 0 },
        ],
      );
      const refs = await listRefs(remote, { prefixes: ['HEAD', 'refs/tags/v1.2.'] });
      expect(refs).toEqual([
        { name: 'HEAD', oid: first, peeled: first, symref: 'refs/heads/main' },
        { name: 'refs/tags/v1.2.0', oid: first, peeled: first, symref: null },
      ]);
    });
  });

  it('is empty for an empty repository', async () => {
    await withServed(async ({ remote }) => {
      expect(await listRefs(remote, { prefixes: ['refs/tags/'] })).toEqual([]);
    });
  });

  it.each([100, 5_000, 50_000])('lists %i tags in one request', async count => {
    await withServed(async ({ repository, remote, served }) => {
      const [first] = importHistory(repository, [{ parents: [] }]);
      const names = Array.from({ length: count }, (_, i) => `refs/tags/v1.${Math.floor(i / 100)}.${i % 100}`).sort();
      const lines = ['# pack-refs with: peeled fully-peeled sorted ', `${first} refs/heads/main`];
      writeFileSync(
        join(repository.directory, '.git/packed-refs'),
        `${[...lines, ...names.map(name => `${first} ${name}`)].join('\n')}\n`,
      );
      for (const send of [remote.send, sendBySocket]) {
        const start = performance.now();
        const refs = await listRefs({ ...remote, send }, { prefixes: ['refs/tags/'] });
        console.info(`${count} tags listed in ${Math.round(performance.now() - start)} ms`);
        expect(refs.map(ref => ref.name)).toEqual(names);
      }
      expect(served.requests).toHaveLength(2);
    });
  });

  it('takes no list that was cut off for a whole one', async () => {
    await withServed(
      async ({ repository, remote }) => {
        importHistory(repository, [{ parents: [] }], [{ name: 'v1.0.0', at: 0 }]);
        const result = listRefs(remote, { prefixes: ['refs/tags/'] });
        await expect(result).rejects.toMatchObject({ code: 'SBX_REMOTE_UNEXPECTED' });
        await expect(result).rejects.toThrow('cut off');
      },
      {
        serve: {
          intercept: (_request, response) => {
            const line = `${'1'.repeat(40)} refs/tags/v0.9.0\n`;
            response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' });
            response.end((line.length + 4).toString(16).padStart(4, '0') + line);
            return true;
          },
        },
      },
    );
  });

  it('stops at its limit', async () => {
    await withServed(async ({ repository, remote }) => {
      importHistory(repository, [{ parents: [] }], [{ name: 'v1.0.0', at: 0 }]);
      const small = { ...remote, limits: { ...remote.limits, refBytes: 20 } };
      await expect(listRefs(small, { prefixes: ['refs/'] })).rejects.toMatchObject({
        code: 'SBX_GIT_ANSWER_TOO_LARGE',
      });
    });
  });
});
