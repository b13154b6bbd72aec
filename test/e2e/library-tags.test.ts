import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { KEY, LIBRARY, type LibraryStage, type LibraryStageOptions, setLibraryStage } from './library-stage.ts';

// Real repositories, pushes and processes: a busy machine takes its time.
vi.setConfig({ testTimeout: 180_000 });

let stage: LibraryStage | undefined;

async function set(options: LibraryStageOptions = {}): Promise<LibraryStage> {
  stage = await setLibraryStage(options);
  return stage;
}

afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

test("a push becomes the next version, annotated with the commit's message to the byte", async () => {
  const { push, until, tagged, message, quiet, newTags, explain, git } = await set();
  const text = 'Keep connections alive 🚢\n\n# not a comment\r\n\r\n$(rm -rf /) `id`\n\nCloses #1\n';
  const commit = await push(text);
  await until('v1.4.3', async () => (await tagged('v1.4.3')) === commit);
  expect(await message('v1.4.3')).toBe(text);
  expect(await git('cat-file', 'tag', 'v1.4.3')).toMatch(/^tagger Signalbox <signalbox@127\.0\.0\.1> \d+ \+0000$/m);
  await quiet();
  expect(await newTags()).toEqual(['v1.4.3']);
  const explained = await explain();
  expect(explained?.decision?.verdict).toBe('main: is v1.4.3');
  expect(explained?.decision?.because).toContain('`go get gitlab.example.com/acme/lib-ssh@latest` will give v1.4.3.');
});

test('several pushes between two looks get a version each, in order', async () => {
  const { push, until, tagged, quiet, newTags } = await set({ pace: { settle: 1_500, spacing: 50, backOff: 50 } });
  const commits: string[] = [];
  for (const word of ['one', 'two', 'three', 'four']) commits.push(await push(`Change ${word}`));
  await until('v1.4.6', async () => (await tagged('v1.4.6')) === commits[3]);
  await quiet();
  expect(await Promise.all(['v1.4.3', 'v1.4.4', 'v1.4.5'].map(tagged))).toEqual(commits.slice(0, 3));
  expect(await newTags()).toEqual(['v1.4.3', 'v1.4.4', 'v1.4.5', 'v1.4.6']);
});

test('merges whose webhooks were lost get a version each, with title and reference of the merge request', async () => {
  const { must, git, commit, until, tagged, message, quiet, resync, newTags } = await set({ deaf: true });
  await resync();
  await quiet();
  const results: string[] = [];
  for (const word of ['first', 'second']) {
    await git('checkout', '--quiet', '-B', `topic-${word}`, 'origin/main');
    await commit(`The ${word} change`);
    await git('push', '--quiet', 'origin', `topic-${word}`);
    const { iid } = await must('developer', 'POST', `${LIBRARY}/merge_requests`, {
      source_branch: `topic-${word}`,
      target_branch: 'main',
      title: `Add the ${word} thing`,
      description: `Why the ${word} thing is needed.\n\n<!-- from the template -->`,
    });
    await stage?.settled();
    const merged = await must('maintainer', 'PUT', `${LIBRARY}/merge_requests/${iid}/merge`, {
      merge_commit_message: `Merge branch 'topic-${word}' into 'main'`,
    });
    results.push(merged.merge_commit_sha as string);
    await git('fetch', '--quiet', 'origin');
  }
  await resync();
  await until('both versions', async () => (await tagged('v1.4.4')) === results[1]);
  expect(await tagged('v1.4.3')).toBe(results[0]);
  expect(await message('v1.4.3')).toBe(
    "Add the first thing\n\nMerge branch 'topic-first' into 'main'\n\nWhy the first thing is needed.\n\nSee merge request acme/lib-ssh!1\n",
  );
  await quiet();
  expect(await newTags()).toEqual(['v1.4.3', 'v1.4.4']);
});

test('pushes whose webhooks were lost get a version each, more than fit into one look, though one answer in ten gets lost', async () => {
  const { push, faults, until, tagged, quiet, resync, newTags, service } = await set({ deaf: true });
  await resync();
  await quiet();
  const commits: string[] = [];
  for (let number = 1; number <= 33; number++) commits.push(await push(`Change ${number}`));
  await stage?.settled();
  const match = { agent: 'signalbox', method: 'POST', path: '*/git-upload-pack' };
  const lost = (after: number) => ({ match, after, times: 1, fault: { status: 502 } });
  await faults(...Array.from({ length: 30 }, (_, nth) => lost(10 * nth + 5)));
  await resync();
  await until('the last version', async () => (await tagged('v1.4.35')) === commits[32]);
  await quiet();
  const names = commits.map((_, index) => `v1.4.${index + 3}`);
  expect(await Promise.all(names.map(tagged))).toEqual(commits);
  expect(await newTags()).toHaveLength(33);
  // No look was lost for a question of which the answer was.
  const failures = await service.database.query
    .selectFrom('journal')
    .select('data')
    .where('kind', '=', 'failure')
    .execute();
  expect(failures).toEqual([]);
});

test('labels and markers are obeyed', async () => {
  const { must, git, commit, push, until, tagged, quiet, newTags, explain } = await set();
  await push('Touch the build [skip release]');
  await quiet();
  expect(await newTags()).toEqual([]);
  expect((await explain())?.decision?.verdict).toBe('main: no version, the commit message says [skip release]');
  await must('maintainer', 'POST', `${LIBRARY}/labels`, { name: 'bump::minor', color: '#112233' });
  await git('checkout', '--quiet', '-b', 'topic');
  await commit('A feature');
  await git('push', '--quiet', 'origin', 'topic');
  const body = { source_branch: 'topic', target_branch: 'main', title: 'A feature', labels: 'bump::minor' };
  const { iid } = await must('developer', 'POST', `${LIBRARY}/merge_requests`, body);
  await stage?.settled();
  const merged = await must('maintainer', 'PUT', `${LIBRARY}/merge_requests/${iid}/merge`);
  await until('v1.5.0', async () => (await tagged('v1.5.0')) === merged.merge_commit_sha);
});

describe('release branches', () => {
  test('one that rests is left alone; a push to it counts up in its own line', async () => {
    const { git, push, until, tagged, quiet, newTags, explain, resync } = await set();
    await git('checkout', '--quiet', '-b', 'release/1.3', 'v1.3.0');
    await git('push', '--quiet', 'origin', 'HEAD:refs/heads/release/1.3');
    await quiet();
    expect(await newTags()).toEqual([]);
    const fix = await push('Fix it in 1.3', 'release/1.3');
    await until('v1.3.1', async () => (await tagged('v1.3.1')) === fix);
    await quiet();
    await resync();
    await quiet();
    expect(await newTags()).toEqual(['v1.3.1']);
    const because = (await explain())?.decision?.because ?? [];
    expect(because).toContain('release/1.3: nothing has happened there since the last look.');
    expect(because).toContain('`go get gitlab.example.com/acme/lib-ssh@latest` will give v1.4.2.');
  });
});

describe('people', () => {
  test('a number that somebody deleted is not given again, and nothing is tagged behind their back', async () => {
    const { git, push, until, tagged, quiet, newTags, replay, explain } = await set();
    const first = await push('A mistake');
    await until('v1.4.3', async () => (await tagged('v1.4.3')) === first);
    await quiet();
    await git('push', '--quiet', 'origin', ':refs/tags/v1.4.3');
    await quiet();
    expect(await newTags()).toEqual([]);
    expect((await explain())?.decision?.verdict).toBe('main: left without a version');
    await replay();
    await until('v1.4.4', async () => (await tagged('v1.4.4')) === first);
    const second = await push('Better');
    await until('v1.4.5', async () => (await tagged('v1.4.5')) === second);
    expect(await newTags()).toEqual(['v1.4.4', 'v1.4.5']);
  });

  test('a tag by hand on the pushed commit is what is wanted; one on another commit takes its number', async () => {
    const { git, commit, push, until, tagged, quiet, newTags } = await set();
    await commit('Tagged by hand');
    await git('tag', 'v1.4.3');
    await git('push', '--quiet', '--atomic', 'origin', 'HEAD:refs/heads/main', 'v1.4.3');
    await quiet();
    expect(await newTags()).toEqual(['v1.4.3']);
    await git('push', '--quiet', 'origin', 'v1.3.0^{}:refs/tags/v1.4.4');
    const next = await push('The next one');
    await until('v1.4.5', async () => (await tagged('v1.4.5')) === next);
  });

  test('a dry run decides and sends nothing that could change anything', async () => {
    const { push, quiet, newTags, explain, resync, requests } = await set({
      dryRun: true,
      rules: '  release: true\n',
    });
    await push('Not for real');
    await resync();
    await quiet();
    expect((await explain())?.decision).toMatchObject({ verdict: 'main: to be v1.4.3' });
    expect((await explain())?.decision?.plan).toContainEqual(
      expect.stringMatching(/^create v1\.4\.3 on [0-9a-f]{10} /),
    );
    const ours = await requests();
    expect(ours.length).toBeGreaterThan(5);
    expect(ours.filter(({ method, path }) => method !== 'GET' && !path.endsWith('/git-upload-pack'))).toEqual([]);
    expect(await newTags()).toEqual([]);
  });
});

test('a protected tag without the right: laid aside, with what has to be changed; then it goes on', async () => {
  const pace = { settle: 20, spacing: 20, maxSpacing: 50, backOff: 10, maxBackOff: 50, attempts: 3 };
  const { push, must, until, tagged, explain, replay, newTags } = await set({ pace });
  await must('admin', 'POST', `${LIBRARY}/protected_tags`, { name: 'v*', create_access_level: 40 });
  const commit = await push('Held up');
  const next = await until('laid aside', async () => {
    const explained = await explain();
    return explained?.next?.laid_aside ? explained.next : null;
  });
  expect(next.error).toMatchObject({
    code: 'SBX_TAG_NOT_PERMITTED',
    detail: expect.stringMatching(/A rule for protected tags covers v1\.4\.3: at http.*js-protected-tags-settings/),
  });
  expect(JSON.stringify(await explain())).not.toContain('glpat-');
  expect(await newTags()).toEqual([]);
  await must('admin', 'DELETE', `${LIBRARY}/protected_tags/v*`);
  await replay();
  await until('v1.4.3', async () => (await tagged('v1.4.3')) === commit);
});

describe('answers that leave the outcome open', () => {
  const faults = [
    { fault: { reset: 'after' }, pushes: 1 },
    { fault: { commit_then: 502 }, pushes: 1 },
    { fault: { reset: 'before' }, pushes: 2 },
    { fault: { status: 500 }, pushes: 2 },
  ];

  test.each(faults)('$fault on the push: exactly one tag, at its commit', async ({ fault, pushes }) => {
    const {
      push,
      faults: strike,
      until,
      tagged,
      quiet,
      newTags,
      requests,
    } = await set({
      pace: { settle: 20, spacing: 20, backOff: 20, maxBackOff: 100, grace: 300 },
    });
    await strike({ match: { method: 'POST', path: '*/git-receive-pack' }, after: 1, times: 1, fault });
    const commit = await push('Through bad weather');
    await until('v1.4.3', async () => (await tagged('v1.4.3')) === commit);
    await quiet();
    expect(await newTags()).toEqual(['v1.4.3']);
    const sent = (await requests()).filter(
      ({ method, path }) => method === 'POST' && path.endsWith('/git-receive-pack'),
    );
    expect(sent).toHaveLength(pushes);
  });
});

test('webhooks that come twice, late and in another order: one version for each push, in their order', async () => {
  const { push, faults, until, tagged, quiet, newTags } = await set();
  await quiet();
  await faults(
    { match: { path: '/hooks/gitlab' }, fault: { duplicate_webhooks: true } },
    { match: { path: '/hooks/gitlab' }, fault: { shuffle_webhooks: 300 } },
  );
  const commits: string[] = [];
  for (const number of [1, 2, 3]) commits.push(await push(`Change ${number}`));
  await until('the last one', async () => (await tagged('v1.4.5')) === commits[2]);
  await quiet();
  expect(await Promise.all((await newTags()).map(tagged))).toEqual(commits);
});

test('a project that no pattern names is not touched', async () => {
  const { until, must, service } = await set({ events: { push_events: true } });
  await must('maintainer', 'POST', '/projects/acme%2Fappliance/repository/commits', {
    branch: 'feature/licence',
    commit_message: 'Not a library',
    actions: [{ action: 'create', file_path: 'x', content: 'x' }],
  });
  await stage?.quiet();
  const work = await service.database.query.selectFrom('work').select('key').execute();
  await until('the round has been made', async () => work.length > 0);
  expect(work.map(({ key }) => key).filter(key => key.includes('appliance'))).toEqual([]);
  expect(work.map(({ key }) => key)).toContain(KEY);
});

test('a tag that somebody makes between our look and our push keeps its number; ours is the next', async () => {
  const { git, push, faults, until, tagged, quiet, newTags, explain } = await set();
  await quiet();
  const slow = {
    match: { method: 'POST', path: '*/git-receive-pack' },
    after: 1,
    times: 1,
    fault: { delay_ms: 6_000 },
  };
  await faults(slow);
  const commit = await push('Overtaken');
  await until('our push is under way', async () => {
    const effects = (await explain())?.effects ?? [];
    return effects.some(({ name, state }) => name.startsWith('create:v1.4.3@') && state === 'doing');
  });
  await git('push', '--quiet', 'origin', 'v1.3.0^{}:refs/tags/v1.4.3');
  await until('v1.4.4', async () => (await tagged('v1.4.4')) === commit);
  await quiet();
  expect(await newTags()).toEqual(['v1.4.3', 'v1.4.4']);
  expect(await tagged('v1.4.3')).toBe((await git('rev-parse', 'v1.3.0^{}')).trim());
});

test('a module in a directory has versions of its own, and only when something in it changed', async () => {
  const { git, push, until, tagged, quiet, newTags } = await set();
  const root = (await git('rev-parse', '--show-toplevel')).trim();
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
    await git('add', '--all');
  };
  await write('agent/go.mod', 'module gitlab.example.com/acme/lib-ssh/agent\n\ngo 1.24\n');
  const first = await push('Add the agent as a module of its own');
  await until('its first version', async () => (await tagged('agent/v0.0.1')) === first);
  await quiet();
  await write('ssh.go', 'package ssh\n');
  const second = await push('Change the root alone');
  await until('the root alone', async () => (await tagged('v1.4.4')) === second || (await tagged('v1.4.3')) === second);
  await quiet();
  expect((await newTags()).filter(name => name.startsWith('agent/'))).toEqual(['agent/v0.0.1']);
  await write('agent/agent.go', 'package agent\n');
  const third = await push('Change the agent alone');
  await until('the agent', async () => (await tagged('agent/v0.0.2')) === third);
});
