import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildHistory } from './history.ts';
import { createRepository, GitError, openRepository, type RefUpdate, type Repository, ZERO_SHA } from './repository.ts';

const ada = { name: 'Ada Lovelace', email: 'ada@example.com', date: '2026-03-01T10:00:00+02:00' };
const STRANGE = [
  'a#b',
  '100%',
  'with space',
  'grüße/日本',
  'tick`s',
  'quo"te\'s',
  '-dash',
  ':(top)x',
  '*.c',
  'back\\slash',
];

let directory: string;
let repository: Repository;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sandbox-git-'));
  repository = await createRepository(join(directory, 'project.git'));
});
afterEach(async () => {
  repository.close();
  await rm(directory, { recursive: true, force: true });
});

function git(...args: string[]): string {
  return execFileSync('git', ['-C', repository.path, ...args], { encoding: 'utf8', stdio: 'pipe' });
}

function put(path: string, content: string | Buffer, branch = 'main', message = `Put ${path}`) {
  const action = { action: 'create' as const, path, content: Buffer.from(content as string) };
  return repository.commitFiles({ branch, message, author: ada, actions: [action] });
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof GitError)) throw new Error(`no refusal but ${String(error)}`);
  return `${error.kind}: ${error.message}`;
}

describe('commits of files', () => {
  it('are real commits with the identity, time and message that were given', async () => {
    const commit = await put('VERSION', '5.3.1\n', 'main', 'First\n\nChangelog: added');
    expect(git('log', '-1', '--format=%an|%ae|%aI|%cn|%s|%B', 'main').trim()).toBe(
      'Ada Lovelace|ada@example.com|2026-03-01T10:00:00+02:00|Ada Lovelace|First|First\n\nChangelog: added',
    );
    expect(git('show', 'main:VERSION')).toBe('5.3.1\n');
    expect(commit).toMatchObject({
      title: 'First',
      message: 'First\n\nChangelog: added',
      trailers: { Changelog: 'added' },
      authoredDate: '2026-03-01T10:00:00.000+02:00',
      parentShas: [],
    });
    expect(git('fsck', '--strict', '--no-dangling')).toBe('');
  });

  it('take any path and any bytes', async () => {
    const binary = Buffer.from([0, 255, 13, 10, 0xef, 0xbb, 0xbf]);
    const actions = STRANGE.map(path => ({ action: 'create' as const, path: `d/${path}`, content: binary }));
    await repository.commitFiles({ branch: 'main', message: 'odd', author: ada, actions });
    const listed = git('ls-tree', '-r', '-z', '--name-only', 'main').split('\0').filter(Boolean);
    expect(listed.sort()).toEqual(STRANGE.map(path => `d/${path}`).sort());
    for (const path of STRANGE) expect((await repository.readFile('main', `d/${path}`))?.content).toEqual(binary);
  });

  it('update, move, delete and chmod in order, and refuse in GitLab’s words', async () => {
    await put('a', 'one');
    const act = (...actions: Parameters<Repository['commitFiles']>[0]['actions']) =>
      repository.commitFiles({ branch: 'main', message: 'm', author: ada, actions });
    await act(
      { action: 'move', path: 'b/c', previousPath: 'a' },
      { action: 'create', path: 'a/now-a-directory', content: Buffer.from('x') },
      { action: 'chmod', path: 'b/c', executable: true },
    );
    expect(git('ls-tree', '-r', 'main')).toMatch(/100644 blob \w+\ta\/now-a-directory\n100755 blob \w+\tb\/c\n/);
    const head = await repository.resolve('main');
    expect(await refusal(act({ action: 'create', path: 'b/c' }))).toBe('exists: A file with this name already exists');
    expect(await refusal(act({ action: 'create', path: 'b/c/d' }))).toBe(
      'exists: A file with this name already exists',
    );
    expect(await refusal(act({ action: 'create', path: 'b' }))).toBe(
      'exists: A directory with this name already exists',
    );
    expect(await refusal(act({ action: 'update', path: 'no' }))).toBe("not-found: A file with this name doesn't exist");
    expect(await refusal(act({ action: 'delete', path: 'b' }))).toBe("not-found: A file with this name doesn't exist");
    expect(await refusal(act({ action: 'create', path: '../x' }))).toBe(
      'invalid: Path cannot include directory traversal',
    );
    expect(await refusal(act({ action: 'create', path: 'x/.git/config' }))).toMatch(/^invalid: invalid path/);
    expect(await refusal(act({ action: 'update', path: 'b/c', lastCommitId: ZERO_SHA }))).toBe(
      'conflict: You are attempting to update a file that has changed since you started editing it.',
    );
    expect(await repository.resolve('main')).toBe(head);
  });

  it('start a branch, and do not start one out of nothing', async () => {
    const first = await put('a', '1');
    const change = { message: 'm', author: ada, actions: [{ action: 'create' as const, path: 'n' }] };
    expect(await refusal(repository.commitFiles({ ...change, branch: 'topic' }))).toBe(
      'invalid: You can only create or edit files when you are on a branch',
    );
    const commit = await repository.commitFiles({ ...change, branch: 'topic', startRevision: 'main' });
    expect(commit.parentShas).toEqual([first.sha]);
    const again = { ...change, branch: 'topic', startRevision: 'main' };
    expect(await refusal(repository.commitFiles(again))).toMatch(/^exists: A branch called 'topic' already exists/);
    const forced = await repository.commitFiles({ ...again, force: true });
    expect(forced.parentShas).toEqual([first.sha]);
  });

  it('made at the same time all arrive, one after the other', async () => {
    await put('base', '');
    await Promise.all(Array.from({ length: 12 }, (_, index) => put(`f${index}`, `${index}`)));
    expect(git('rev-list', '--count', 'main').trim()).toBe('13');
    expect(git('ls-tree', '--name-only', 'main').trim().split('\n')).toHaveLength(13);
    expect(git('for-each-ref', '--format=%(refname)').trim()).toBe('refs/heads/main');
  });
});

describe('refs', () => {
  it('of any name come back as they went in, and tell what moved', async () => {
    const { sha } = await put('a', '1');
    const told: [RefUpdate[], string | null][] = [];
    repository.onUpdate((updates, by) => void told.push([updates, by]));
    const names = ['a#b', '100%', 'grüße/日本', 'tick`s', 'quo"te\'s', 'release/5.3'];
    for (const name of names) {
      await repository.createBranch(name, 'main');
      await repository.createTag({ name, revision: name, message: `About ${name}`, tagger: ada });
    }
    expect((await repository.branches()).map(branch => branch.name)).toEqual([...names, 'main'].sort());
    for (const name of names) {
      expect(await repository.resolve(name)).toBe(sha);
      expect(await repository.tag(name)).toMatchObject({ name, message: `About ${name}`, commit: { sha } });
      await repository.deleteTag(name);
      await repository.deleteBranch(name);
    }
    expect(git('for-each-ref', '--format=%(refname)').trim()).toBe('refs/heads/main');
    expect(told).toHaveLength(names.length * 4);
    expect(told[0]).toEqual([[{ ref: 'refs/heads/a#b', before: ZERO_SHA, after: sha }], null]);
  });

  it('refuse what git or GitLab would refuse', async () => {
    await put('a', '1');
    await repository.createTag({ name: 'v1', revision: 'main', tagger: ada });
    expect(await refusal(repository.createBranch('main', 'main'))).toBe('exists: Branch already exists');
    expect(await refusal(repository.createBranch('x', 'nowhere'))).toBe('not-found: Invalid reference name: nowhere');
    expect(await refusal(repository.createBranch('a..b', 'main'))).toBe('invalid: Branch name is invalid');
    expect(await refusal(repository.createBranch('main/sub', 'main'))).toMatch(
      /^conflict: .*'refs\/heads\/main' exists/,
    );
    expect(await refusal(repository.createTag({ name: 'v1', revision: 'main', tagger: ada }))).toBe(
      'exists: Tag v1 already exists',
    );
    expect(await refusal(repository.createTag({ name: 'v2', revision: 'nope', tagger: ada }))).toBe(
      'not-found: Target nope is invalid',
    );
    expect(await refusal(repository.deleteBranch('nope'))).toMatch(/^not-found/);
    const head = await repository.resolve('main');
    expect(await refusal(repository.updateRef('refs/heads/main', null, ZERO_SHA))).toMatch(/^conflict/);
    await repository.updateRef('refs/merge-requests/1/head', head);
    expect(await repository.resolve('refs/merge-requests/1/head')).toBe(head);
    await repository.updateRef('refs/merge-requests/1/head', null, head!);
    expect(await repository.resolve('refs/merge-requests/1/head')).toBeNull();
  });

  it('are resolved as git resolves them', async () => {
    const first = await put('a', '1');
    const second = await put('b', '2');
    await repository.createTag({ name: 'v1', revision: first.sha, message: 'one', tagger: ada });
    await repository.createBranch('v1', 'main');
    for (const name of ['HEAD', 'main', 'v1', 'heads/v1', 'refs/heads/v1', 'main~1', second.sha.slice(0, 8), 'v1^{}']) {
      expect([name, await repository.resolve(name)]).toEqual([name, git('rev-parse', `${name}^{commit}`).trim()]);
    }
    for (const name of ['', 'nope', 'main~7', '--help', '-n1', 'a\nb', ZERO_SHA, 'f'.repeat(7)]) {
      expect([name, await repository.resolve(name)]).toEqual([name, null]);
    }
    expect(await repository.resolve(second.treeSha)).toBeNull();
    await repository.setHeadBranch('v1');
    expect(await repository.headBranch()).toBe('v1');
    expect(git('symbolic-ref', 'HEAD').trim()).toBe('refs/heads/v1');
  });

  it('changed behind the handle’s back are seen after a refresh', async () => {
    const { sha } = await put('a', '1');
    git('update-ref', 'refs/heads/other', sha);
    await repository.refresh();
    expect((await repository.branches()).map(branch => branch.name)).toEqual(['main', 'other']);
  });
});

describe('reading', () => {
  it('tells files, symlinks, submodules, big files and LFS pointers for what they are', async () => {
    const big = Buffer.alloc(10 * 1024 * 1024, 'abcdefg\n');
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n';
    await buildHistory(repository, [
      {
        commit: 'all sorts',
        branch: 'main',
        author: ada,
        files: {
          VERSION: '\ufeff5.3\r\n',
          'dir/big.bin': big,
          'dir/lfs': pointer,
          link: { mode: '120000', content: 'VERSION' },
          run: { mode: '100755', content: '#!/bin/sh\n' },
          vendored: { mode: '160000', content: 'a'.repeat(40) },
        },
      },
    ]);
    expect((await repository.readFile('main', 'VERSION'))?.content.toString()).toBe('\ufeff5.3\r\n');
    expect((await repository.readFile('main', 'dir/big.bin'))?.content.equals(big)).toBe(true);
    expect((await repository.readFile('main', 'dir/lfs'))?.content.toString()).toBe(pointer);
    expect(await repository.readFile('main', 'link')).toMatchObject({ mode: '120000', size: 7 });
    expect(await repository.readFile('main', 'run')).toMatchObject({ mode: '100755' });
    for (const path of ['vendored', 'dir', 'none', 'VERSION/x', '']) {
      expect([path, await repository.readFile('main', path)]).toEqual([path, null]);
    }
    expect(await repository.readFile('nowhere', 'VERSION')).toBeNull();
    const listed = (await repository.tree('main', {})).map(
      entry => `${entry.mode} ${entry.type} ${entry.id}\t${entry.path}`,
    );
    expect(listed.sort()).toEqual(git('ls-tree', 'main').trim().split('\n').sort());
    expect((await repository.tree('main', {})).map(entry => entry.type)).toEqual([
      'tree',
      'blob',
      'blob',
      'blob',
      'commit',
    ]);
    const all = (await repository.tree('main', { recursive: true })).map(entry => entry.path);
    expect(all).toEqual(git('ls-tree', '-r', '-t', '--name-only', 'main').trim().split('\n'));
    expect((await repository.tree('main', { path: 'dir' })).map(entry => entry.path)).toEqual([
      'dir/big.bin',
      'dir/lfs',
    ]);
    expect(await refusal(repository.tree('main', { path: 'VERSION' }))).toMatch(/^not-found/);
    expect(await refusal(repository.tree('nope', {}))).toMatch(/^not-found/);
  });

  it('finds the last commit of a file, and logs by path, range, time, parent and page', async () => {
    await buildHistory(repository, [
      {
        commit: 'c1',
        branch: 'main',
        author: { ...ada, date: '2026-01-01T00:00:00Z' },
        files: { 'a*b': '1' },
        mark: 'c1',
      },
      { commit: 'c2', branch: 'main', author: { ...ada, date: '2026-01-02T00:00:00Z' }, files: { acb: '2' } },
      {
        commit: 'c3',
        branch: 'topic',
        from: 'c1',
        author: { ...ada, date: '2026-01-03T00:00:00Z' },
        files: { t: '3' },
      },
      {
        commit: 'c4',
        branch: 'main',
        merge: ['topic'],
        author: { ...ada, date: '2026-01-04T00:00:00Z' },
        files: { t: '3' },
      },
    ]);
    const titles = async (query: Parameters<Repository['log']>[0]) =>
      (await repository.log(query)).map(one => one.title);
    expect(await titles({})).toEqual(['c4', 'c3', 'c2', 'c1']);
    expect(await titles({ path: 'a*b' })).toEqual(['c1']);
    expect(await titles({ firstParent: true })).toEqual(['c4', 'c2', 'c1']);
    expect(await titles({ revision: 'main', not: ['topic'] })).toEqual(['c4', 'c2']);
    expect(await titles({ revision: 'topic..main' })).toEqual(['c4', 'c2']);
    expect(await titles({ since: '2026-01-02T12:00:00Z', until: '2026-01-03T12:00:00Z' })).toEqual(['c3']);
    expect(await titles({ skip: 1, limit: 2 })).toEqual(['c3', 'c2']);
    expect(await titles({ all: true, author: 'nobody' })).toEqual([]);
    expect(await refusal(repository.log({ revision: 'nope' }))).toMatch(/^not-found/);
    expect((await repository.readFile('main', 'a*b'))?.lastCommitId).toBe(await repository.resolve('main~2'));
    expect(await repository.commitCount('topic', 'main')).toBe(2);
    expect(await repository.mergeBase(['main^1', 'topic'])).toBe(git('rev-parse', 'topic~1').trim());
    expect(await repository.isAncestor('topic', 'main')).toBe(true);
    expect(await repository.isAncestor('main', 'topic')).toBe(false);
    expect(await repository.refsContaining('topic')).toEqual([
      { type: 'branch', name: 'main' },
      { type: 'branch', name: 'topic' },
    ]);
    expect(await refusal(repository.mergeBase(['main', 'gone']))).toMatch(/^not-found/);
  });

  it('compares trees file by file, the way GitLab shows it', async () => {
    await put('kept name', 'one\ntwo\nthree\nfour\n');
    await put('gone', 'x\n');
    await put('script', 'y\n');
    await put('was-file', 'VERSION');
    await put('bin', Buffer.from([0, 1, 2]));
    await put('z', 'z\n');
    const before = (await repository.resolve('main'))!;
    await buildHistory(repository, [
      {
        commit: 'change',
        branch: 'main',
        author: ada,
        files: {
          'kept name': null,
          'new `name`': 'one\ntwo\nthree\nfour\nfive\n',
          gone: null,
          script: { mode: '100755', content: 'y\n' },
          'was-file': { mode: '120000', content: 'VERSION' },
          bin: Buffer.from([0, 3]),
          empty: '',
          z: 'diff --git a/x b/x\n@@ -1 +1 @@\n',
        },
      },
    ]);
    const files = await repository.diff(before, 'main');
    const of = (name: string) => files.find(file => file.newPath === name);
    expect(files).toHaveLength(7);
    expect(of('new `name`')).toMatchObject({ oldPath: 'kept name', renamedFile: true, newFile: false });
    expect(of('new `name`')?.diff).toBe('@@ -2,3 +2,4 @@ one\n two\n three\n four\n+five\n');
    expect(of('gone')).toMatchObject({ deletedFile: true, bMode: '0', diff: '@@ -1 +0,0 @@\n-x\n' });
    expect(of('script')).toMatchObject({ aMode: '100644', bMode: '100755', diff: '' });
    expect(of('was-file')).toMatchObject({ bMode: '120000' });
    expect(of('bin')?.diff).toMatch(/^Binary files a\/bin and b\/bin differ/);
    expect(of('empty')).toMatchObject({ newFile: true, aMode: '0', diff: '' });
    expect(of('z')?.diff).toBe('@@ -1 +1,2 @@\n-z\n+diff --git a/x b/x\n+@@ -1 +1 @@\n');
    expect(await repository.stats('main')).toEqual({ additions: 3, deletions: 2, total: 5 });
    expect((await repository.diff(ZERO_SHA, before)).every(file => file.newFile)).toBe(true);
  });
});

describe('merging', () => {
  beforeEach(async () => {
    await put('a', '1\n');
    await repository.createBranch('topic', 'main');
    await put('t1', 'x', 'topic');
    await put('t2', 'y', 'topic');
  });

  it('merges with a merge commit, a squash, or fast-forward only', async () => {
    await put('m', 'z');
    const [target, source] = [await repository.resolve('main'), await repository.resolve('topic')];
    const change = { source: 'topic', target: 'main', message: "Merge branch 'topic' into 'main'", author: ada };
    expect(await repository.canMerge('topic', 'main')).toBe(true);
    expect(await refusal(repository.merge({ ...change, method: 'ff' }))).toMatch(/^conflict/);
    const { sha } = await repository.merge({ ...change, method: 'merge' });
    expect((await repository.commit('main'))?.parentShas).toEqual([target, source]);
    expect(git('show', '-s', '--format=%B', sha).trim()).toBe(change.message);
    expect(git('ls-tree', '--name-only', 'main').trim().split('\n')).toEqual(['a', 'm', 't1', 't2']);

    await repository.createBranch('squashed', target!);
    const squash = await repository.merge({
      ...change,
      target: 'squashed',
      method: 'merge',
      squashMessage: 'All of it',
    });
    expect(await repository.commit('squashed')).toMatchObject({ parentShas: [target, squash.squashSha] });
    expect(await repository.commit(squash.squashSha!)).toMatchObject({ title: 'All of it', parentShas: [target] });

    await repository.createBranch('ff', `${source}~2`);
    expect(await repository.merge({ ...change, target: 'ff', method: 'ff' })).toEqual({ sha: source, squashSha: null });
    expect(git('fsck', '--strict', '--no-dangling')).toBe('');
  });

  it('says conflict and unrelated, and then nothing has moved', async () => {
    await put('t1', 'different');
    const head = await repository.resolve('main');
    const change = { source: 'topic', target: 'main', message: 'm', author: ada, method: 'merge' as const };
    expect(await repository.canMerge('topic', 'main')).toBe(false);
    expect(await refusal(repository.merge(change))).toMatch(/^conflict/);
    await buildHistory(repository, [{ commit: 'other root', branch: 'alien', author: ada, files: { q: '' } }]);
    expect(await repository.mergeBase(['alien', 'main'])).toBeNull();
    expect(await repository.canMerge('alien', 'main')).toBe(false);
    expect(await refusal(repository.merge({ ...change, source: 'alien' }))).toMatch(/^unrelated/);
    expect(await repository.resolve('main')).toBe(head);
  });

  it('cherry-picks and reverts, also a first commit and a merge, and says when there is nothing to do', async () => {
    const pick = { commit: 'topic', branch: 'main', author: { name: 'Bot', email: 'bot@example.com' } };
    const topic = (await repository.commit('topic'))!;
    const dry = await repository.cherryPick({ ...pick, dryRun: true });
    expect(await repository.resolve('main')).not.toBe(dry.sha);
    const picked = await repository.cherryPick(pick);
    expect(picked).toMatchObject({
      message: `Put t2\n\n(cherry picked from commit ${topic.sha})`,
      authorName: 'Ada Lovelace',
      authoredDate: topic.authoredDate,
      committerName: 'Bot',
    });
    expect(git('ls-tree', '--name-only', 'main').trim().split('\n')).toEqual(['a', 't2']);
    expect(await refusal(repository.cherryPick(pick))).toMatch(/^empty: Sorry, we cannot cherry-pick this commit/);
    const reverted = await repository.revert({ ...pick, commit: picked.sha });
    expect(reverted.message).toBe(`Revert "Put t2"\n\nThis reverts commit ${picked.sha}`);
    expect(git('ls-tree', '--name-only', 'main').trim()).toBe('a');
    await put('m', 'here');
    const merge = await repository.merge({
      source: 'topic',
      target: 'main',
      message: 'M',
      author: ada,
      method: 'merge',
    });
    await repository.revert({ ...pick, commit: merge.sha });
    expect(git('ls-tree', '--name-only', 'main').trim().split('\n')).toEqual(['a', 'm']);
    await repository.revert({ ...pick, commit: 'topic~2' });
    expect(git('ls-tree', '--name-only', 'main').trim().split('\n')).toEqual(['m']);
    await put('t1', 'in the way');
    expect(await refusal(repository.cherryPick({ ...pick, commit: 'topic~1' }))).toMatch(/^conflict: Sorry/);
  });

  it('rebases a branch onto a newer one', async () => {
    await put('m', 'z');
    const head = await repository.rebase({ branch: 'topic', onto: 'main', committer: ada });
    expect(git('log', '--format=%s', 'main..topic').trim().split('\n')).toEqual(['Put t2', 'Put t1']);
    expect(await repository.isAncestor('main', head)).toBe(true);
    expect(await repository.rebase({ branch: 'topic', onto: 'main', committer: ada })).toBe(head);
  });

  it('brings a fork’s commit in without touching other refs', async () => {
    const fork = await createRepository(join(directory, 'fork.git'));
    await fork.fetch(repository, (await repository.resolve('main'))!, 'refs/heads/main');
    const action = { action: 'create' as const, path: 'from-fork', content: Buffer.from('f') };
    const commit = await fork.commitFiles({ branch: 'main', message: 'fork', author: ada, actions: [action] });
    await repository.fetch(fork, commit.sha, 'refs/merge-requests/1/head');
    expect(git('rev-parse', 'refs/merge-requests/1/head').trim()).toBe(commit.sha);
    expect((await repository.readFile(commit.sha, 'from-fork'))?.content.toString()).toBe('f');
    expect(git('fsck', '--strict', '--no-dangling')).toBe('');
    await fork.fetch(repository, (await repository.resolve('topic'))!, 'refs/heads/topic');
    expect(await fork.resolve('topic')).toBe(await repository.resolve('topic'));
    fork.close();
  });
});

describe('the handle', () => {
  it('opens what is there, and only that', async () => {
    await put('a', '1');
    const again = await openRepository(repository.path);
    expect(await again.resolve('main')).toBe(await repository.resolve('main'));
    again.close();
    expect((await again.commit('main'))?.title).toBe('Put a');
    again.close();
    expect(await refusal(openRepository(join(directory, 'nothing')))).toMatch(/^not-found/);
    expect(await refusal(createRepository(repository.path))).toMatch(/^exists/);
  });

  it('answers a thousand cached reads in far less than a second', async () => {
    await put('dir/VERSION', '5.3.1\n');
    await repository.readFile('main', 'dir/VERSION');
    const start = performance.now();
    for (let index = 0; index < 1_000; index += 1) {
      await repository.readFile('main', 'dir/VERSION');
      await repository.log({ limit: 20 });
      await repository.branches();
    }
    const elapsed = performance.now() - start;
    console.log(`3,000 cached reads in ${elapsed.toFixed(0)} ms`);
    expect(elapsed).toBeLessThan(20_000);
  });
});
