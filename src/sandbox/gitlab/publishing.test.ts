import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { clientOf, startReceiver } from './test-client.ts';
import { gitPush } from './test-git.ts';

let sandbox: Sandbox;
let call: ReturnType<typeof clientOf>;

beforeAll(async () => {
  sandbox = await startSandbox();
  call = clientOf(sandbox);
});
beforeEach(() => call(null, 'POST', '/_sandbox/reset'));
afterAll(() => sandbox.close());

test('a tag with a message is annotated; refusals are 400, whatever the documentation says', async () => {
  const annotated = await call('bot', 'POST', '/projects/2/repository/tags', {
    tag_name: 'v1.4.3',
    ref: 'main',
    message: 'Fixes',
  });
  expect(annotated).toMatchObject({ status: 201, body: { name: 'v1.4.3', message: 'Fixes' } });
  expect(annotated.body.target).not.toBe(annotated.body.commit.id);
  const light = await call('bot', 'POST', '/projects/2/repository/tags', { tag_name: 'nightly', ref: 'main' });
  expect(light.body).toMatchObject({ message: '', created_at: null, target: light.body.commit.id });
  expect(await call('bot', 'POST', '/projects/2/repository/tags', { tag_name: 'v1.4.3', ref: 'main' })).toMatchObject({
    status: 400,
    body: { message: 'Tag v1.4.3 already exists' },
  });
  expect(await call('bot', 'POST', '/projects/2/repository/tags', { tag_name: 'v9', ref: 'nowhere' })).toMatchObject({
    status: 400,
    body: { message: 'Target nowhere is invalid' },
  });
  expect((await call('reporter', 'POST', '/projects/2/repository/tags', { tag_name: 'v9', ref: 'main' })).status).toBe(
    403,
  );
});

test('a protected tag is for those the rule names', async () => {
  await call('maintainer', 'POST', '/projects/2/protected_tags', { name: 'v*', create_access_level: 40 });
  expect((await call('bot', 'POST', '/projects/2/repository/tags', { tag_name: 'v1.4.3', ref: 'main' })).status).toBe(
    403,
  );
  expect(
    (await call('maintainer', 'POST', '/projects/2/repository/tags', { tag_name: 'v1.4.3', ref: 'main' })).status,
  ).toBe(201);
  await expect(
    gitPush(sandbox, ['HEAD:refs/tags/v1.4.4'], { project: 'acme/lib-ssh', token: 'glpat-sandbox-developer' }),
  ).rejects.toThrow(/not allowed to create this tag/);
});

test('a CI job token makes releases and with them annotated tags, but no tag by itself', async () => {
  const job = { 'JOB-TOKEN': 'glcbt-sandbox-job' };
  expect(
    (await call(null, 'POST', '/projects/2/repository/tags', { tag_name: 'v1.4.3', ref: 'main' }, job)).status,
  ).toBe(401);
  expect((await call(null, 'GET', '/projects/2/repository/tags', undefined, job)).status).toBe(200);
  const made = await call(
    null,
    'POST',
    '/projects/2/releases',
    { tag_name: 'v1.4.3', ref: 'main', tag_message: 'Fixes' },
    job,
  );
  expect(made).toMatchObject({ status: 201, body: { tag_name: 'v1.4.3', name: 'v1.4.3' } });
  const tag = (await call('bot', 'GET', '/projects/2/repository/tags/v1.4.3')).body;
  expect(tag.message).toBe('Fixes');
  expect(tag.release).toMatchObject({ tag_name: 'v1.4.3' });
});

test('a release takes a tag that is there as it is, on whatever commit', async () => {
  const old = (await call('bot', 'GET', '/projects/2/repository/tags/v1.0.0')).body.commit.id;
  const made = await call('bot', 'POST', '/projects/2/releases', { tag_name: 'v1.0.0', ref: 'main' });
  expect(made.body.commit.id).toBe(old);
  expect(await call('bot', 'POST', '/projects/2/releases', { tag_name: 'v1.0.0' })).toMatchObject({
    status: 409,
    body: { message: 'Release already exists' },
  });
  expect(await call('bot', 'POST', '/projects/2/releases', { tag_name: 'v7' })).toMatchObject({
    status: 422,
    body: { message: 'Ref is not specified' },
  });
});

test('a push by git and a commit by API fire the same push event, naming who pushed', async () => {
  const receiver = await startReceiver();
  await call('admin', 'POST', '/projects/2/hooks', { url: receiver.url, push_events: true, tag_push_events: true });
  await gitPush(sandbox, ['HEAD:main', 'HEAD:refs/tags/v1.5.0'], { project: 'acme/lib-ssh', message: 'Pushed' });
  await call('admin', 'POST', '/projects/2/repository/files/new.go', {
    branch: 'main',
    content: 'package ssh\n',
    commit_message: 'By API',
  });
  await sandbox.settled();
  const told = receiver.received.map(({ body }) => [
    body.object_kind,
    body.ref,
    body.user_username,
    body.commits.at(-1)?.title,
  ]);
  expect(told.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([
    ['push', 'refs/heads/main', 'maintainer', 'Pushed'],
    ['push', 'refs/heads/main', 'root', 'By API'],
    ['tag_push', 'refs/tags/v1.5.0', 'maintainer', 'Pushed'],
  ]);
  await receiver.close();
});

test('protected branches refuse pushes of Developers, by git and by API', async () => {
  await expect(gitPush(sandbox, ['HEAD:main'], { token: 'glpat-sandbox-developer' })).rejects.toThrow(
    /protected branches/,
  );
  const refused = await call('bot', 'PUT', '/projects/1/repository/files/VERSION', {
    branch: 'main',
    content: '6\n',
    commit_message: 'x',
  });
  expect(refused.status).toBe(403);
});

test('uploads: the name made harmless, images to be shown, others to be linked; too large is 413', async () => {
  const upload = async (name: string, size = 3) => {
    const form = new FormData();
    form.set('file', new Blob([new Uint8Array(size)]), name);
    return call('bot', 'POST', '/projects/1/uploads', form);
  };
  const image = await upload('a b[1].png');
  expect(image.status).toBe(201);
  expect(image.body).toMatchObject({ alt: 'a_b_1_' });
  expect(image.body.markdown).toBe(`![a_b_1_](${image.body.url})`);
  expect(image.body.full_path).toBe(`/-/project/1${image.body.url}`);
  const text = await upload('log.txt');
  expect(text.body.markdown).toBe(`[log.txt](${text.body.url})`);
  for (const path of [`/acme/appliance${text.body.url}`, text.body.full_path, text.body.url]) {
    const served = await fetch(`${sandbox.gitlab.url}${path}`);
    expect(served.status, path).toBe(200);
    expect((await served.arrayBuffer()).byteLength).toBe(3);
  }
  await call('admin', 'PUT', '/application/settings', { max_attachment_size: 1 });
  expect((await upload('big.bin', 1_100_000)).status).toBe(413);
});

test('what is read tells its two kinds of missing apart', async () => {
  const raw = (path: string, ref: string) =>
    call('bot', 'GET', `/projects/1/repository/files/${path}/raw?ref=${encodeURIComponent(ref)}`);
  expect((await raw('VERSION', 'release/5.4')).body).toBe('5.4.1\n');
  expect((await raw('NOTHING', 'main')).body).toEqual({ message: '404 File Not Found' });
  expect((await raw('VERSION', 'nowhere')).body).toEqual({ message: '404 Commit Not Found' });
  const base = await call(
    'bot',
    'GET',
    '/projects/1/repository/merge_base?refs[]=feature/backup-share&refs[]=release/5.4',
  );
  expect(base.body.title).toBe('Release 5.4.1');
  const json = await call('bot', 'GET', '/projects/1/repository/files/VERSION?ref=main');
  expect(Buffer.from(json.body.content, 'base64').toString()).toBe('5.5.0\n');
});
