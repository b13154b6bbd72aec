import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { clientOf } from '../../sandbox/gitlab/test-client.ts';
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts';
import type { Check } from './check.ts';
import { examine } from './examine.ts';

const LIBRARY = '/projects/acme%2Flib-ssh';
let sandbox: Sandbox;
let call: ReturnType<typeof clientOf>;
let directory: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  call = clientOf(sandbox);
  directory = await mkdtemp(join(tmpdir(), 'signalbox-doctor-'));
  for (const [name, value] of Object.entries({ token: 'glpat-sandbox-bot', ops: 'glpat-sandbox-admin', hook: 'x' })) {
    await writeFile(join(directory, name), value, { mode: 0o600 });
  }
});
afterAll(async () => {
  await sandbox.close();
  await rm(directory, { recursive: true });
});
beforeEach(async () => {
  await call('admin', 'POST', '/_sandbox/reset');
});

async function checks(
  rules = '',
  ops = ', ops_token: { file: ops }',
  projects = 'acme/lib-*',
): Promise<(name: string) => Check | undefined> {
  const file = join(directory, 'signalbox.yaml');
  await writeFile(
    file,
    `service: { data_dir: ${directory}/data }
gitlab: { url: "${sandbox.gitlab.url}", token: { file: token }${ops}, webhook: { secret_tokens: [ { file: hook } ] } }
library_tags: { projects: [ "${projects}" ]${rules} }
`,
  );
  const all = await examine(file, { fix: false });
  return name => all.find(check => check.name === name || check.name === `acme/lib-ssh ${name}`);
}

async function must(method: string, path: string, body: unknown): Promise<void> {
  const { status } = await call('admin', method, `${LIBRARY}${path}`, body);
  expect(status).toBeLessThan(300);
}

async function change(...actions: object[]): Promise<void> {
  await must('POST', '/repository/commits', { branch: 'main', commit_message: 'Change', actions });
}

it('finds nothing to say about a library that is as it should be', async () => {
  const url = 'http://127.0.0.1:8080/hooks/gitlab';
  await must('POST', '/hooks', { url, push_events: true, tag_push_events: true });
  const found = await checks();
  expect(found('role')).toMatchObject({ status: 'OK' });
  expect(found('default branch')).toMatchObject({ status: 'OK', detail: 'main' });
  expect(found('protected tags')).toMatchObject({ status: 'OK' });
  expect(found('module path')).toMatchObject({ status: 'OK' });
  expect(found('versions')).toMatchObject({ status: 'OK', detail: 'v1.4.2' });
  expect(found('webhook')).toMatchObject({ status: 'OK', detail: 'sends push events, tag push events' });
});

it('names a pattern that means no project', async () => {
  expect((await checks())('library_tags acme/lib-*')).toBeUndefined();
  expect((await checks('', '', 'acme/nothing-*'))('library_tags acme/nothing-*')).toMatchObject({
    status: 'FAIL',
    remedy: expect.stringContaining('add the bot as Developer'),
  });
});

it('needs no webhook where a CI job asks for the tags', async () => {
  expect((await checks())('webhook')).toMatchObject({ status: 'FAIL' });
  expect((await checks(', on_push: false'))('webhook')).toBeUndefined();
});

it.each([
  ['v*', 40, 'FAIL', 'v* keeps the bot from creating v1.4.3'],
  ['v*', 30, 'OK', 'the bot may create v1.4.3'],
  ['v*', 0, 'FAIL', 'v* keeps the bot from creating v1.4.3'],
  ['*.4.*', 40, 'FAIL', '*.4.* keeps the bot from creating v1.4.3'],
  ['v2.*', 40, 'OK', 'the bot may create v1.4.3'],
])('tags %s protected for access level %i: %s', async (name, level, status, detail) => {
  await change({ action: 'create', file_path: 'a.txt', content: 'a' });
  await must('POST', '/protected_tags', { name, create_access_level: level });
  expect((await checks())('protected tags')).toMatchObject({ status, detail });
});

it('says when the rules for tags cannot be seen', async () => {
  const fault = { match: { method: 'GET', path: '/protected_tags' }, fault: { status: 403, body: {} } };
  await call('admin', 'POST', '/_sandbox/faults', [fault]);
  expect((await checks('', ''))('protected tags')).toMatchObject({
    status: 'WARN',
    remedy: expect.stringContaining('gitlab.ops_token'),
  });
});

it('wants the branch protected only where id_tokens have to be of protected branches', async () => {
  const keyless = ', keyless: { audience: signalbox }';
  expect((await checks(keyless))('default branch')).toMatchObject({ status: 'OK' });
  await must('DELETE', '/protected_branches/main', undefined);
  expect((await checks(keyless))('default branch')).toMatchObject({ status: 'FAIL', detail: 'main is not protected' });
  expect((await checks())('default branch')).toMatchObject({ status: 'OK' });
});

it.each([
  ['v1.4', 'go does not see v1.4'],
  ['v2.0.0', 'go ignores v2.0.0'],
])('names the tag %s', async (tag, words) => {
  await must('POST', '/repository/tags', { tag_name: tag, ref: 'main' });
  const found = (await checks())('versions');
  expect([found?.status, found?.detail]).toEqual(['WARN', expect.stringContaining(words)]);
  expect(found?.remedy).not.toBe('');
});

it('says that a module path keeps go from using any tag', async () => {
  await change({ action: 'update', file_path: 'go.mod', content: 'module gitlab.example.com/acme/lib-ssh/v1\n' });
  expect((await checks())('module path')).toMatchObject({ status: 'FAIL', detail: expect.stringContaining('v1') });
});
