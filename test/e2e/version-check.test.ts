import { afterEach, beforeEach, expect, test } from 'vitest';
import { readAsGitLab } from '../../src/gitlab/text/testing/oracle.ts';
import { PROJECT, setTestStage, type TestStage, type Thread } from './version-check-stage.ts';

let stage: TestStage;
beforeEach(async () => {
  stage = await setTestStage();
});
afterEach(() => stage.close());

const first = (threads: Thread[]) => threads[0]?.notes[0];
const replies = (threads: Thread[]) => threads[0]?.notes.slice(1).map(note => note.body) ?? [];

async function blocked(iid: number): Promise<Thread[]> {
  await stage.until('a thread', async () => first(await stage.ours(iid))?.resolved === false);
  await stage.quiet();
  return stage.ours(iid);
}

function comment(user: string, iid: number, body: string) {
  return stage.call(user, 'POST', `${PROJECT}/merge_requests/${iid}/notes`, { body });
}

function retarget(iid: number, branch: string) {
  return stage.call('developer', 'PUT', `${PROJECT}/merge_requests/${iid}`, { target_branch: branch });
}

function merge(iid: number) {
  return stage.call('maintainer', 'PUT', `${PROJECT}/merge_requests/${iid}/merge`);
}

test('one thread blocks the merge, follows the target and keeps what people said', async () => {
  const iid = await stage.open('feature/backup-share', 'release/5.3');
  const opened = await blocked(iid);
  expect(opened).toHaveLength(1);
  expect(first(opened)?.body).toMatch(/^\*\*Version mismatch: `5\.4` into `5\.3`\.\*\*/);
  expect((await merge(iid)).status).toBe(405);
  await stage.call('developer', 'POST', `${PROJECT}/merge_requests/${iid}/discussions/${opened[0]?.id}/notes`, {
    body: 'Oh. I will aim it elsewhere.',
  });

  await retarget(iid, 'release/5.4');
  await stage.until('it is resolved', async () => first(await stage.ours(iid))?.resolved === true);
  await stage.quiet();
  const resolved = await stage.ours(iid);
  expect(resolved.map(thread => thread.id)).toEqual([opened[0]?.id]);
  expect(first(resolved)?.body).toMatch(/^\*\*Versions fit: `5\.4` into `5\.4`\.\*\*/);

  await retarget(iid, 'release/5.3');
  const again = await blocked(iid);
  expect(again.map(thread => thread.id)).toEqual([opened[0]?.id]);
  expect(replies(again)).toEqual([
    'Oh. I will aim it elsewhere.',
    expect.stringMatching(/^The situation has changed: now it is `5\.4` into `5\.3`/),
  ]);
});

test('a merge request that fits hears nothing', async () => {
  const iid = await stage.open('fix/clock-5.3', 'release/5.3');
  await stage.until('a look', async () => (await stage.sent({ path: `merge_requests/${iid}/discussions` })).length > 0);
  await stage.quiet();
  const { body } = await stage.call('admin', 'GET', `${PROJECT}/merge_requests/${iid}/discussions`);
  expect(body).toEqual([]);
  expect((await stage.sent()).filter(({ method }) => method !== 'GET')).toEqual([]);
});

test('/signalbox allow: refused from a developer, recorded from a maintainer, and gone with the target', async () => {
  const iid = await stage.open('feature/backup-share', 'release/5.3');
  await blocked(iid);
  await comment('developer', iid, '/signalbox allow: I am in a hurry');
  await stage.quiet();
  expect(first(await stage.ours(iid))?.resolved).toBe(false);

  await comment('maintainer', iid, 'Talked it over.\n\n/signalbox allow backward-merge: agreed with QA');
  await stage.until('it is waived', async () => first(await stage.ours(iid))?.resolved === true);
  await stage.quiet();
  const { body } = await stage.call('admin', 'GET', `${PROJECT}/merge_requests/${iid}/notes?sort=asc&per_page=100`);
  const answers = (body as { body: string }[]).map(note => note.body).filter(text => /aived.*, `|aived by/.test(text));
  expect(answers).toEqual([
    expect.stringMatching(/^Not waived, `developer`: this takes the role Maintainer/),
    expect.stringMatching(/^Waived by `maintainer`: agreed with QA\. /),
  ]);

  await stage.call('developer', 'POST', `${PROJECT}/repository/commits`, {
    branch: 'feature/backup-share',
    commit_message: 'A further push',
    actions: [{ action: 'create', file_path: 'src/more.txt', content: 'more\n' }],
  });
  await stage.quiet();
  const pushed = await stage.ours(iid);
  expect(pushed).toHaveLength(1);
  expect(first(pushed)).toMatchObject({ resolved: true, body: expect.stringContaining('waived') as string });

  await stage.call('maintainer', 'POST', `${PROJECT}/repository/branches`, {
    branch: 'hotfix/5.3',
    ref: 'release/5.3',
  });
  await retarget(iid, 'hotfix/5.3');
  await blocked(iid);
});

test('who resolves without the role is told once; who has it, waives', async () => {
  const iid = await stage.open('feature/backup-share', 'release/5.3');
  const [thread] = await blocked(iid);
  const resolve = (user: string) =>
    stage.call(user, 'PUT', `${PROJECT}/merge_requests/${iid}/discussions/${thread?.id}`, { resolved: true });

  for (const time of [1, 2]) {
    expect((await resolve('developer')).status).toBe(200);
    // GitLab tells nobody that a thread was resolved; the next look for whatever reason finds it.
    await stage.service.engine.replay(`merge-request:acme/appliance!${iid}`, 'the test');
    await blocked(iid);
    expect(replies(await stage.ours(iid)), `after ${time}`).toEqual([
      expect.stringMatching(/^Not waived, `developer`/),
    ]);
  }

  await resolve('maintainer');
  await stage.service.engine.replay(`merge-request:acme/appliance!${iid}`, 'the test');
  await stage.until('the record', async () => replies(await stage.ours(iid)).length > 1);
  await stage.quiet();
  const waived = await stage.ours(iid);
  expect(first(waived)).toMatchObject({ resolved: true, body: expect.stringContaining('waived') as string });
  expect(replies(waived).slice(1)).toEqual([expect.stringMatching(/^Waived by `maintainer`: resolved the thread/)]);
  expect((await merge(iid)).status).toBe(200);
});

test('a push to the target makes its open merge requests worth a look', async () => {
  const raise = (branch: string, start: string | null) =>
    stage.call('maintainer', 'POST', `${PROJECT}/repository/commits`, {
      branch,
      ...(start !== null && { start_branch: start }),
      commit_message: 'Begin 5.6',
      actions: [
        { action: 'update', file_path: 'VERSION', content: '5.6.0\n' },
        ...(start === null ? [] : [{ action: 'create', file_path: 'src/new.txt', content: 'new\n' }]),
      ],
    });
  expect((await raise('feature/new', 'main')).status).toBe(201);
  const iid = await stage.open('feature/new', 'main');
  expect(first(await blocked(iid))?.body).toContain('`5.6` into `5.5`');

  expect((await raise('main', null)).status).toBe(201);
  await stage.until('it is resolved', async () => first(await stage.ours(iid))?.resolved === true);
  expect(first(await stage.ours(iid))?.body).toContain('`5.6` into `5.6`');
});

test('a fork that the bot has no access to is read in the target project', async () => {
  const { body } = await stage.call('contributor', 'POST', '/projects/contributor%2Fappliance/merge_requests', {
    source_branch: 'translate',
    target_branch: 'release/5.3',
    target_project_id: 1,
    title: 'Translate the console',
  });
  const text = first(await blocked(body.iid))?.body;
  expect(text).toContain('**Version mismatch');
  expect(text).toMatch(/Source \| `translate` \| `[0-9a-f]{11}` \| `VERSION` \| `5\.5\.0`/);
  // Nothing of the fork, whatever its address: who the bot is, and the target project.
  const asked = (await stage.sent()).map(({ path }) => path);
  expect(
    asked.filter(path => !/^\/api\/v4\/(user|personal_access_tokens\/self|projects\/acme%2Fappliance)/.test(path)),
  ).toEqual([]);
});

test('a branch named to act renders inert', async () => {
  const name = 'x`@all`/close';
  const branch = await stage.call('developer', 'POST', `${PROJECT}/repository/branches`, {
    branch: name,
    ref: 'release/5.4',
  });
  expect(branch.status).toBe(201);
  await stage.call('developer', 'POST', `${PROJECT}/repository/commits`, {
    branch: name,
    commit_message: 'Something',
    actions: [{ action: 'create', file_path: 'src/x.txt', content: 'x\n' }],
  });
  const iid = await stage.open(name, 'release/5.3');
  const text = first(await blocked(iid))?.body ?? '';
  expect(text).toContain('@all');
  // Our own marker is the only thing in it that is more than text.
  expect(readAsGitLab(text).alive).toEqual([`html: ${text.split('\n').at(-1)}`]);
  expect((await stage.call('admin', 'GET', `${PROJECT}/merge_requests/${iid}`)).body.state).toBe('opened');
});

test('merged despite the mismatch is told once', async () => {
  await stage.call('admin', 'PUT', PROJECT, { only_allow_merge_if_all_discussions_are_resolved: false });
  const iid = await stage.open('feature/backup-share', 'release/5.3');
  await blocked(iid);
  expect((await merge(iid)).status).toBe(200);
  await stage.until('it is told', async () => replies(await stage.ours(iid)).length > 0);
  await stage.service.engine.replay(`merge-request:acme/appliance!${iid}`, 'the test');
  await stage.quiet();
  expect(replies(await stage.ours(iid))).toEqual([
    expect.stringMatching(/^This was merged despite the version mismatch/),
  ]);
});
