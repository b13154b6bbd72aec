import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { TestRepository } from '../../src/git-protocol/testing/git-repository.ts';
import { importHistory } from '../../src/git-protocol/testing/import-history.ts';
import { jobOf, runTag, tagsOf, withRepository } from './tag-stage.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'tag-job-'));
  folders.push(made);
  return made;
}

/** v1.2.3, then one commit with this message; returns that commit. */
function update(repository: TestRepository, message: string): string {
  const oids = importHistory(
    repository,
    [{ parents: [] }, { parents: [0], message }],
    [{ name: 'v1.2.3', at: 0, message: 'first' }],
  );
  return oids[1]!;
}

function contentOf(repository: TestRepository, tag: string): string {
  const object = repository.git(['cat-file', 'tag', tag]);
  return object.slice(object.indexOf('\n\n') + 2);
}

describe('the message of a tag', () => {
  it.each([
    ['emoji and combined characters', '🚂 Zu\u0308ge nach Köln 👩‍👩‍👧\n'],
    ['CRLF, leading # and blank lines', '# not a comment\r\n\r\n\n# again\r\nend\n'],
    ['shell words', '$(rm -rf /) `id` "\'; --force -m %s\n'],
    ['64 KB', `${'long line '.repeat(6_600)}end\n`],
  ])('is that of the commit: %s', async (_what, message) => {
    await withRepository(async ({ repository, url }) => {
      const commit = update(repository, message);
      const outcome = await runTag({ environment: jobOf(url, commit) });
      expect(outcome).toMatchObject({ code: 0, json: { action: 'create', tag: 'v1.2.4', created: true, way: 'push' } });
      expect(contentOf(repository, 'v1.2.4')).toBe(message.replace(/\n$/, ''));
      expect(repository.git(['cat-file', 'tag', 'v1.2.4'])).toContain('\ntagger Ada Lovelace <ada@example.com> ');
    });
  });
});

describe('what later jobs get', () => {
  it('is a dotenv file that GitLab and shells read, and nobody runs', async () => {
    await withRepository(async ({ repository, url }) => {
      const commit = update(repository, 'feat: $(touch pwned) `touch pwned` "quoted" \'; touch pwned\n');
      const cwd = folder();
      const file = join(cwd, 'tag.env');
      const args = ['--bump', 'conventional', '--dotenv', file];
      const first = await runTag({ args, environment: jobOf(url, commit) });
      expect(first).toMatchObject({ code: 0 });
      expect(first.stdout).toContain('created v1.3.0');
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
      expect(lines).toEqual([
        'TAG=v1.3.0',
        'VERSION=1.3.0',
        'PREVIOUS_TAG=v1.2.3',
        'TAG_CREATED=true',
        'TAG_REASON=v1.2.3-is-the-highest-release-that-the-commit-contains',
      ]);
      const script = '. ./tag.env; printf "%s|%s|%s" "$TAG" "$TAG_REASON" "$(ls)"';
      const [tag, , files] = execFileSync('sh', ['-c', script], { cwd, encoding: 'utf8' }).split('|');
      expect([tag, files]).toEqual(['v1.3.0', 'tag.env']);
      await runTag({ args, environment: jobOf(url, commit) });
      expect(readFileSync(file, 'utf8')).toContain(
        'TAG=v1.3.0\nVERSION=1.3.0\nPREVIOUS_TAG=v1.2.3\nTAG_CREATED=false\n',
      );
    });
  });

  it('is never the tag of an earlier run that this one could not repeat', async () => {
    const file = join(folder(), 'tag.env');
    writeFileSync(file, 'TAG=v9.9.9\n');
    const outcome = await runTag({ args: ['--dotenv', file], environment: { CI_PROJECT_URL: 'http://127.0.0.1:9/x' } });
    expect(outcome.code).toBe(2);
    expect(() => readFileSync(file)).toThrow('ENOENT');
  });
});

describe('a run', () => {
  it('changes nothing when dry, and needs no right to write', async () => {
    await withRepository(async ({ repository, served, url }) => {
      const commit = update(repository, 'next\n');
      const outcome = await runTag({ args: ['--dry-run', '--json'], environment: jobOf(url, commit) });
      expect(outcome).toMatchObject({
        code: 0,
        json: { action: 'create', tag: 'v1.2.4', base: 'v1.2.3', created: false },
      });
      expect(served.requests.filter(request => request.includes('receive-pack'))).toEqual([]);
      expect([...tagsOf(repository).keys()]).toEqual(['v1.2.3']);
    });
  });

  it('needs no request at all for a tag, a merge request or a topic branch', async () => {
    await withRepository(async ({ served, url }) => {
      const commit = '1'.repeat(40);
      const job = jobOf(url, commit);
      const { CI_COMMIT_BRANCH: _branch, ...mergeRequest } = job;
      for (const environment of [
        { ...job, CI_COMMIT_TAG: 'v1.0.0' },
        mergeRequest,
        { ...job, CI_COMMIT_BRANCH: 'feature/x' },
      ]) {
        expect(await runTag({ environment })).toMatchObject({ code: 0, json: { action: 'skip', tag: null } });
      }
      expect(served.requests).toEqual([]);
    });
  });

  it('refuses with 1 what go could not use, and says what mends it', async () => {
    await withRepository(async ({ repository, url }) => {
      const [commit] = importHistory(repository, [{ parents: [], files: { 'go.mod': 'module example.com/x/v1\n' } }]);
      const outcome = await runTag({ environment: jobOf(url, commit!) });
      expect(outcome).toMatchObject({ code: 1, json: { action: 'refuse', tag: null } });
      expect(outcome.json?.['reasons']).toEqual([expect.stringContaining('go mod edit -module example.com/x')]);
    });
  });

  it('decides each module of a repository, and skips those without a change', async () => {
    await withRepository(async ({ repository, url }) => {
      const go = (path: string): string => `module example.com/x${path}\n`;
      const oids = importHistory(
        repository,
        [
          {
            parents: [],
            files: { 'go.mod': go(''), 'sub/go.mod': go('/sub'), 'eg/go.mod': go('/other'), 'a.go': '1' },
          },
          { parents: [0], files: { 'sub/b.go': '2' } },
        ],
        [
          { name: 'v1.0.0', at: 0, message: 'x' },
          { name: 'sub/v0.3.0', at: 0, message: 'x' },
        ],
      );
      const outcome = await runTag({ environment: jobOf(url, oids[1]!) });
      expect(outcome).toMatchObject({
        code: 0,
        json: {
          tag: 'sub/v0.3.1',
          modules: [
            { module: 'example.com/x', action: 'skip' },
            { module: 'example.com/x/sub', action: 'create', tag: 'sub/v0.3.1', created: true },
          ],
        },
      });
      expect(tagsOf(repository).get('sub/v0.3.1')).toBe(oids[1]);
    });
  });

  it.each([
    [{}, [], 'CI_PROJECT_URL and CI_COMMIT_SHA'],
    [jobOf('http://127.0.0.1:9/x', '1'.repeat(40)), ['--first', '1.0'], '--first 1.0 is no version'],
    [jobOf('http://127.0.0.1:9/x', '1'.repeat(40)), ['--bump', 'huge'], '--bump takes patch, minor'],
    [jobOf('http://127.0.0.1:9/x', '1'.repeat(40)), ['--dotenv', '/nonexistent/tag.env'], 'cannot be written: ENOENT'],
    [jobOf('http://127.0.0.1:9/x', '1'.repeat(40)), ['--token-file', '/nonexistent'], '/nonexistent: ENOENT'],
  ])('ends with 2 for wrong usage: %#', async (environment, args, words) => {
    const outcome = await runTag({ args, environment });
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain(words);
  });

  it('loads nothing that it does not need', async () => {
    await withRepository(async ({ repository, url }) => {
      const commit = update(repository, 'next\n');
      const hook = join(folder(), 'list.mjs');
      const list = join(folder(), 'list.txt');
      writeFileSync(
        hook,
        `import { registerHooks } from 'node:module'; import { appendFileSync } from 'node:fs';
         registerHooks({ load(url, context, next) { appendFileSync(${JSON.stringify(list)}, url + '\\n'); return next(url, context); } });`,
      );
      const environment = { ...jobOf(url, commit), NODE_OPTIONS: `--import ${hook}` };
      expect(await runTag({ environment })).toMatchObject({ code: 0, json: { tag: 'v1.2.4' } });
      const packages = [...readFileSync(list, 'utf8').matchAll(/node_modules\/([^/\n]+)/g)].map(match => match[1]);
      expect([...new Set(packages)]).toEqual([]);
    });
  });
});

describe('a job that is killed', () => {
  it('leaves nothing that the next run does not bring to its end, wherever it was', async () => {
    let [seen, victim, when] = [0, Number.POSITIVE_INFINITY, 'before' as 'before' | 'after'];
    let kill: () => void = () => undefined;
    await withRepository(
      async ({ repository, url }) => {
        const first = update(repository, 'next\n');
        await runTag({ environment: jobOf(url, first) });
        const requests = seen;
        expect(requests).toBeGreaterThanOrEqual(5);
        let [parent, patch] = [first, 4];
        for (let step = 1; step <= requests; step++) {
          for (const moment of ['before', 'after'] as const) {
            const commit = repository.git(['commit-tree', `${first}^{tree}`, '-p', parent, '-m', `${step} ${moment}`]);
            repository.git(['update-ref', 'refs/heads/main', commit]);
            [parent, seen, victim, when] = [commit, 0, step, moment];
            const killed = await runTag({ environment: jobOf(url, commit), onStart: end => (kill = end) });
            expect(killed.signal).toBe('SIGKILL');
            victim = Number.POSITIVE_INFINITY;
            patch += 1;
            const outcome = await runTag({ environment: jobOf(url, commit) });
            expect(outcome).toMatchObject({ code: 0, json: { tag: `v1.2.${patch}` } });
            expect(tagsOf(repository).get(`v1.2.${patch}`)).toBe(commit);
          }
        }
        expect(tagsOf(repository).size).toBe(patch - 2);
      },
      {
        intercept(request, response, forward) {
          seen += 1;
          if (seen !== victim) return false;
          if (when === 'before') {
            kill();
            request.socket.destroy();
          } else void forward().then(kill);
          // What git says is not sent on, so that the process dies without it.
          response.end = () => response;
          return true;
        },
      },
    );
  }, 120_000);
});
