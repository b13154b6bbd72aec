import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestRepository, type TestRepository } from '../../src/git-protocol/testing/git-repository.ts';
import { runTag, tagsOf, withRepository } from './tag-stage.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tag-local-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A remote with v1.2.3 and one commit more, and a shallow checkout of it without tags. */
function fill(remote: TestRepository): string {
  remote.git(['commit', '-q', '--allow-empty', '-m', 'first']);
  remote.git(['tag', '-a', '-m', 'x', 'v1.2.3']);
  remote.git(['commit', '-q', '--allow-empty', '-m', 'Fix $(backup)\n\nBody.']);
  return remote.git(['rev-parse', 'HEAD']);
}

function cloneOf(remote: TestRepository, url: string): string {
  const directory = mkdtempSync(join(folder, 'checkout-'));
  remote.git(['clone', '-q', '--depth', '1', '--no-tags', `file://${remote.directory}`, directory]);
  remote.git(['-C', directory, 'remote', 'set-url', 'origin', url]);
  return directory;
}

const local = ['--local', '--json', '--tagger', 'Ada <ada@example.com>'];

describe('signalbox tag --local', () => {
  it('tags HEAD on a remote over HTTP, with the credentials git has, and shows none of them', async () => {
    const authorization = `Basic ${Buffer.from('ada:s3cr3t-local').toString('base64')}`;
    await withRepository(
      async ({ repository, url }) => {
        const commit = fill(repository);
        const cwd = cloneOf(repository, url.replace('http://', 'http://ada:s3cr3t-local@'));
        const outcome = await runTag({ args: local, cwd });
        expect(outcome).toMatchObject({ code: 0, json: { action: 'create', tag: 'v1.2.4', commit, way: 'push' } });
        expect(tagsOf(repository).get('v1.2.4')).toBe(commit);
        expect(outcome.stdout + outcome.stderr).not.toContain('s3cr3t');
        expect(await runTag({ args: local, cwd })).toMatchObject({
          code: 0,
          json: { action: 'exists', tag: 'v1.2.4' },
        });
      },
      { authorization },
    );
  });

  it.each([
    ['a path', (remote: string) => remote],
    ['file://', (remote: string) => `file://${remote}`],
    ['ssh, short', (remote: string) => `git@gitlab.test:${remote}`],
    ['ssh with a port', (remote: string) => `ssh://git@gitlab.test:2222${remote}`],
  ])('tags HEAD on a remote by %s', async (_kind, urlOf) => {
    const remote = createTestRepository();
    const commit = fill(remote);
    const cwd = cloneOf(remote, urlOf(`${remote.directory}/.git`));
    // Stands for ssh: checks what it is called with and runs the command here.
    const ssh = join(folder, 'ssh');
    writeFileSync(
      ssh,
      '#!/bin/sh\nfor last; do :; done\ncase "$*" in *git@gitlab.test*) exec sh -c "$last";; esac\nexit 9\n',
    );
    chmodSync(ssh, 0o755);
    const environment = { GIT_SSH_COMMAND: ssh };
    const outcome = await runTag({ args: local, cwd, environment });
    expect(outcome).toMatchObject({ code: 0, json: { action: 'create', tag: 'v1.2.4', commit } });
    expect(tagsOf(remote).get('v1.2.4')).toBe(commit);
    expect(remote.git(['cat-file', 'tag', 'v1.2.4'])).toContain('tagger Ada <ada@example.com>');
    expect(await runTag({ args: local, cwd, environment })).toMatchObject({ code: 0, json: { action: 'exists' } });
    remote.remove();
  });

  it('says what to do for a commit that was not pushed, a detached HEAD, and outside of a checkout', async () => {
    await withRepository(async ({ repository, url }) => {
      fill(repository);
      const cwd = cloneOf(repository, url);
      repository.git(['-C', cwd, 'commit', '-q', '--allow-empty', '-m', 'here only']);
      const unpushed = await runTag({ args: local, cwd });
      expect(unpushed.code).toBe(2);
      expect(unpushed.stderr).toContain('push it first');
      repository.git(['-C', cwd, 'checkout', '-q', '--detach']);
      expect(await runTag({ args: local, cwd })).toMatchObject({ code: 2 });
      expect(await runTag({ args: local, cwd: folder })).toMatchObject({ code: 2 });
    });
  });
});
