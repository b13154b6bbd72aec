import { describe, expect, it } from 'vitest';
import { readCapabilities } from './capabilities.ts';
import { changedFiles } from './changed-files.ts';
import { findFiles } from './find-files.ts';
import { importHistory } from './testing/import-history.ts';
import { withServed } from './testing/with-served.ts';

const FILES = {
  'go.mod': 'module x\n',
  'sub/go.mod': 'module x/sub\n',
  'sub/a.go': 'a',
  'deep/er/go.mod': 'module y\n',
};

describe.each([true, false])('with a server that filters: %s', allowFilter => {
  it('finds files anywhere in a commit, with its message', async () => {
    await withServed(async ({ repository, remote, served }) => {
      repository.git(['config', 'uploadpack.allowFilter', String(allowFilter)]);
      const [commit] = importHistory(repository, [{ parents: [], files: FILES, message: 'größer\n\nmehr\n' }]);
      const { filter } = await readCapabilities(remote);
      const found = await findFiles(remote, { commit: commit!, filter, wanted: path => /(^|\/)go\.mod$/.test(path) });
      expect(found.commit).toMatchObject({ oid: commit, message: 'größer\n\nmehr\n', parents: [] });
      expect(Object.fromEntries(found.files.map(({ path, bytes }) => [path, bytes.toString()]))).toEqual({
        'deep/er/go.mod': 'module y\n',
        'go.mod': 'module x\n',
        'sub/go.mod': 'module x/sub\n',
      });
      expect(served.requests).toHaveLength(3);
    });
  });

  it('tells which files differ between two commits', async () => {
    await withServed(async ({ repository, remote }) => {
      repository.git(['config', 'uploadpack.allowFilter', String(allowFilter)]);
      const { git } = repository;
      const [from] = importHistory(repository, [{ parents: [], files: { ...FILES, same: 's', turns: 'file' } }]);
      git(['checkout', '-q', '-f', 'main']);
      git(['rm', '-q', 'deep/er/go.mod', 'turns']);
      git(['update-index', '--chmod=+x', 'sub/a.go']);
      for (const [path, text] of [
        ['turns/into', 'directory'],
        ['go.mod', 'module z\n'],
        ['new/file', 'n'],
      ]) {
        git(['update-index', '--add', '--cacheinfo', `100644,${git(['hash-object', '-w', '--stdin'], text)},${path}`]);
      }
      const to = git(['commit-tree', '-p', 'HEAD', '-m', 'changed', git(['write-tree'])]);
      git(['update-ref', 'refs/heads/main', to]);
      const { filter } = await readCapabilities(remote);
      const expected = git(['diff', '--no-renames', '--name-only', from!, to]).split('\n').sort();
      expect(expected).toEqual(['deep/er/go.mod', 'go.mod', 'new/file', 'sub/a.go', 'turns', 'turns/into']);
      expect(await changedFiles(remote, { from: from!, to, filter })).toEqual(expected);
      expect(await changedFiles(remote, { from: to, to, filter })).toEqual([]);
    });
  });
});

describe('findFiles', () => {
  it('reads a commit without any file', async () => {
    await withServed(async ({ repository, remote }) => {
      const [commit] = importHistory(repository, [{ parents: [] }]);
      const found = await findFiles(remote, { commit: commit!, filter: true, wanted: () => true });
      expect(found.files).toEqual([]);
    });
  });

  it('reads messages in the encoding that the commit names', async () => {
    await withServed(async ({ repository, remote }) => {
      importHistory(repository, [{ parents: [] }]);
      const tree = repository.git(['rev-parse', 'main^{tree}']);
      const text = `tree ${tree}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\nencoding ISO-8859-1\n\ngrößer\n`;
      const commit = repository.git(['hash-object', '-w', '-t', 'commit', '--stdin'], Buffer.from(text, 'latin1'));
      const found = await findFiles(remote, { commit, filter: true, wanted: () => false });
      expect(found.commit.message).toBe('größer\n');
    });
  });
});
