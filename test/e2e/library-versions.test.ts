import { afterEach, describe, expect, test, vi } from 'vitest';
import { LIBRARY, type LibraryStage, type LibraryStageOptions, setLibraryStage } from './library-stage.ts';

// Real repositories, pushes and processes: a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000 });

let stage: LibraryStage | undefined;

async function set(options: LibraryStageOptions = {}): Promise<LibraryStage> {
  stage = await setLibraryStage(options);
  return stage;
}

afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

const BOTH = '  release: true\n  note: true\n';

/** A merge request with one commit, merged; its merge commit. */
async function mergeOne(at: LibraryStage, title: string, description: string): Promise<string> {
  const branch = `topic-${title.replace(/\W+/g, '-').toLowerCase()}`;
  await at.git('fetch', '--quiet', 'origin');
  await at.git('checkout', '--quiet', '-B', branch, 'origin/main');
  await at.commit(title);
  await at.git('push', '--quiet', 'origin', branch);
  const body = { source_branch: branch, target_branch: 'main', title, description };
  const { iid } = await at.must('developer', 'POST', `${LIBRARY}/merge_requests`, body);
  await at.settled();
  const merged = await at.must('maintainer', 'PUT', `${LIBRARY}/merge_requests/${iid}/merge`);
  return merged.merge_commit_sha as string;
}

async function notesOf(at: LibraryStage, iid: number): Promise<string[]> {
  const notes = (await at.must('admin', 'GET', `${LIBRARY}/issues/${iid}/notes`)) as {
    body: string;
    system: boolean;
  }[];
  return notes.filter(({ system }) => !system).map(({ body }) => body);
}

describe('after a tag', () => {
  test('a release with notes, and one note on each issue that was closed', async () => {
    const at = await set({ rules: BOTH });
    for (const title of ['Connections die', 'Another thing']) {
      await at.must('developer', 'POST', `${LIBRARY}/issues`, { title });
    }
    const commit = await mergeOne(at, 'Keep @connections alive ~bug', 'Closes #1\n\nSee also #2.');
    await at.until('v1.4.3', async () => (await at.tagged('v1.4.3')) === commit);
    await at.until('the note', async () => (await notesOf(at, 1)).length > 0);
    await at.quiet();
    const release = await at.must('developer', 'GET', `${LIBRARY}/releases/v1.4.3`);
    expect(release.commit.id).toBe(commit);
    expect(release.description).toBe('Since `v1.4.2`:\n\n- Keep \\@connections alive \\~bug (!1)');
    expect(await notesOf(at, 1)).toEqual([
      expect.stringMatching(/^Shipped in \[v1\.4\.3\]\(http.*\/-\/tags\/v1\.4\.3\) of /),
    ]);
    expect(await notesOf(at, 2)).toEqual([]);
    const key = 'library-version:acme/lib-ssh@v1.4.3';
    expect((await at.explain(key))?.decision?.because).toEqual(['Since v1.4.2: acme/lib-ssh!1.']);
    await at.replay(key);
    await at.quiet();
    expect((await at.explain(key))?.decision?.verdict).toBe('all is said');
    expect(await notesOf(at, 1)).toHaveLength(1);
  });

  test('nothing is said about versions that were there before', async () => {
    const at = await set({ rules: BOTH });
    await at.quiet();
    const work = await at.service.database.query.selectFrom('work').select('key').execute();
    expect(work.filter(({ key }) => key.startsWith('library-version:'))).toEqual([]);
    expect((await at.must('developer', 'GET', `${LIBRARY}/releases`)).length).toBe(0);
  });

  const faults = [{ reset: 'after' }, { commit_then: 502 }, { reset: 'before' }];
  test.each(faults)('%j on note and release: each of them once', async fault => {
    const at = await set({
      rules: BOTH,
      pace: { settle: 20, spacing: 20, backOff: 20, maxBackOff: 100, grace: 300 },
    });
    await at.must('developer', 'POST', `${LIBRARY}/issues`, { title: 'Connections die' });
    await at.faults(
      { match: { method: 'POST', path: '/notes' }, times: 1, fault },
      { match: { method: 'POST', path: '/releases' }, times: 1, fault },
    );
    await mergeOne(at, 'Keep connections alive', 'Closes #1');
    await at.until('the note', async () => (await notesOf(at, 1)).length > 0);
    await at.quiet();
    expect(await notesOf(at, 1)).toHaveLength(1);
    expect((await at.must('developer', 'GET', `${LIBRARY}/releases`)).length).toBe(1);
  });
});

describe('the nightly audit', () => {
  const KEY = 'library-audit:acme/lib-ssh';

  test('finds nothing in a library in order, and looks again at night', async () => {
    const at = await set();
    await at.quiet();
    const explained = await at.until('the audit', () => at.explain(KEY));
    expect(explained.decision?.verdict).toBe('in order');
    expect(explained.next?.due_at).toMatch(/T0[23]:\d\d:00\.000Z$/);
  });

  test('reports moved, deleted and invisible versions, and changes nothing', async () => {
    const at = await set({ rules: '  on_push: false\n' });
    await at.quiet();
    await at.git('push', '--quiet', '--force', 'origin', 'v1.0.0^{}:refs/tags/v1.3.0', ':refs/tags/v1.2.1');
    await at.git('push', '--quiet', 'origin', 'HEAD:refs/tags/v1.5', 'HEAD:refs/tags/v2.0.0', 'HEAD:refs/tags/1.6.0');
    await at.git('checkout', '--quiet', '-b', 'side', 'v1.1.0');
    await at.commit('Never merged');
    await at.git('push', '--quiet', 'origin', 'HEAD:refs/tags/v1.9.0');
    await at.replay(KEY);
    const explained = await at.until('findings', async () => {
      const now = await at.explain(KEY);
      return now?.decision?.verdict === '5 findings' && now;
    });
    const because = explained.decision?.because.join('\n');
    expect(because).toMatch(/v1\.3\.0 was moved from [0-9a-f]{10} to [0-9a-f]{10}: who has it in a go\.sum/);
    expect(because).toMatch(/v1\.2\.1 was deleted \(it was on [0-9a-f]{10}\); its number is not given again\./);
    expect(because).toMatch(/Go does not see 1\.6\.0, v1\.5 as versions of gitlab\.example\.com\/acme\/lib-ssh\./);
    expect(because).toMatch(/Go ignores v2\.0\.0, because the module path is gitlab\.example\.com\/acme\/lib-ssh\./);
    expect(because).toMatch(/v1\.9\.0 is on a commit that main does not have: `go get .*@latest` gives v1\.9\.0\./);
    await at.quiet();
    const sent = await at.requests();
    expect(sent.filter(({ method, path }) => method !== 'GET' && !path.endsWith('/git-upload-pack'))).toEqual([]);
  });
});
