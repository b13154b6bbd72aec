import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { person, setFault } from '../support/sandbox-client.ts';
import { jobOf, runTag, type TagOutcome } from './tag-stage.ts';

const LIBRARY = '/projects/acme%2Flib-ssh';
const JOB_TOKEN = 'glcbt-sandbox-job';
const secrets = new Set([JOB_TOKEN]);
let output = '';
let sandbox: Sandbox;
let commit: string;

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

beforeEach(async () => {
  await fetch(`${sandbox.gitlab.url}/_sandbox/reset`, { method: 'POST' });
  commit = await push('main', 'Retry failed uploads\n\nThree times, then give up.\n');
});

async function push(branch: string, message: string): Promise<string> {
  const answer = await person(sandbox.gitlab.url, 'maintainer').post(`${LIBRARY}/repository/commits`, {
    branch,
    commit_message: message,
    ...(branch === 'main' ? {} : { start_branch: 'main' }),
    actions: [{ action: 'create', file_path: `note-${Math.random()}.txt`, content: 'x' }],
  });
  return answer.body.id;
}

async function tokenOf(role: number, scope: string): Promise<string> {
  const answer = await person(sandbox.gitlab.url, 'owner').post(`${LIBRARY}/access_tokens`, {
    name: `${scope}-${role}`,
    scopes: [scope],
    access_level: role,
    expires_at: new Date(Date.now() + 86_400_000 * 30).toISOString().slice(0, 10),
  });
  expect(answer.status).toBe(201);
  return answer.body.token;
}

async function tag(
  token: Record<string, string>,
  args: string[] = ['--json'],
  more: Record<string, string> = {},
): Promise<TagOutcome> {
  for (const secret of Object.values(token)) secrets.add(secret);
  const { url } = sandbox.gitlab;
  const environment = jobOf(`${url}/acme/lib-ssh`, commit, {
    CI_API_V4_URL: `${url}/api/v4`,
    CI_PROJECT_ID: '2',
    ...token,
    ...more,
  });
  const outcome = await runTag({ args, environment });
  output += outcome.stdout + outcome.stderr;
  return outcome;
}

async function tagNow(name: string): Promise<{ target: string; message: string; commit: { id: string } } | null> {
  const answer = await person(sandbox.gitlab.url, 'admin').get(
    `${LIBRARY}/repository/tags/${encodeURIComponent(name)}`,
  );
  return answer.status === 200 ? answer.body : null;
}

async function expectTagged(outcome: TagOutcome, way: string): Promise<void> {
  expect(outcome).toMatchObject({ code: 0, json: { action: 'create', tag: 'v1.4.3', created: true, way } });
  const made = await tagNow('v1.4.3');
  expect(made?.commit.id).toBe(commit);
  expect(made?.target, 'annotated').not.toBe(commit);
  expect(made?.message).toBe('Retry failed uploads\n\nThree times, then give up.');
}

async function expectRefused(outcome: TagOutcome, ...words: string[]): Promise<void> {
  expect(outcome.code).toBe(1);
  expect(outcome.stderr).toContain('SBX_TAG_NOT_PERMITTED');
  for (const word of words) expect(outcome.stderr).toContain(word);
  expect(await tagNow('v1.4.3')).toBeNull();
}

describe('who may tag, by which way, and what has to be changed', () => {
  it('a job token whose pushes are closed: by a release, which needs no setting', async () => {
    await expectTagged(await tag({ CI_JOB_TOKEN: JOB_TOKEN }), 'releases');
  });

  it('a job token by push alone: the setting is named', async () => {
    await expectRefused(
      await tag({ CI_JOB_TOKEN: JOB_TOKEN }, ['--via', 'push']),
      'Allow Git push requests to the repository',
      '/acme/lib-ssh/-/settings/ci_cd',
    );
  });

  it.each([
    ['write_repository', 30],
    ['api', 30],
    ['api', 40],
  ])('a project token with %s and role %i: by push', async (scope, role) => {
    await expectTagged(await tag({ SIGNALBOX_GITLAB_TOKEN: await tokenOf(role, scope) }), 'push');
  });

  it('a project token where pushes over HTTP are closed: by the Tags API', async () => {
    await setFault(sandbox.gitlab.url, {
      match: { method: 'POST', path: '/git-receive-pack' },
      fault: { status: 403 },
    });
    await expectTagged(await tag({ GITLAB_TOKEN: await tokenOf(30, 'api') }), 'tags');
  });

  it.each(['read_api', 'read_repository'])('a project token with %s: reads, and the scope is named', async scope => {
    const token = { SIGNALBOX_GITLAB_TOKEN: await tokenOf(30, scope) };
    expect(await tag(token, ['--json', '--dry-run'])).toMatchObject({
      code: 0,
      json: { tag: 'v1.4.3', created: false },
    });
    await expectRefused(await tag(token), `has the scope ${scope}`, 'write_repository');
  });

  it('a Reporter: the role is named', async () => {
    await expectRefused(await tag({ SIGNALBOX_GITLAB_TOKEN: await tokenOf(20, 'api') }), 'Reporter', 'role Developer');
  });

  it('a Guest reads with the job token, and the role is named', async () => {
    const guest = { SIGNALBOX_GITLAB_TOKEN: await tokenOf(10, 'api') };
    await expectRefused(await tag(guest), 'role Reporter or more');
    const both = { ...guest, CI_JOB_TOKEN: JOB_TOKEN };
    expect(await tag(both, ['--json', '--dry-run'])).toMatchObject({ code: 0, json: { tag: 'v1.4.3' } });
    await expectRefused(await tag(both), 'Guest', 'role Developer');
  });

  it.each(['expired', 'revoked'])('a token that is %s', async kind => {
    await expectRefused(await tag({ SIGNALBOX_GITLAB_TOKEN: `glpat-sandbox-${kind}` }), '401');
  });

  it('nobody: the private project cannot be read', async () => {
    await expectRefused(await tag({}), 'There is no token');
  });

  it('a protected tag: the rule and the role are named; who may, may', async () => {
    await person(sandbox.gitlab.url, 'owner').post(`${LIBRARY}/protected_tags`, {
      name: 'v*',
      create_access_level: 40,
    });
    const words = ['rule for protected tags covers v1.4.3', '/acme/lib-ssh/-/settings/repository'];
    await expectRefused(await tag({ SIGNALBOX_GITLAB_TOKEN: await tokenOf(30, 'api') }), ...words);
    await expectRefused(await tag({ CI_JOB_TOKEN: JOB_TOKEN }), ...words, 'who started the pipeline (ada)');
    await expectTagged(await tag({ SIGNALBOX_GITLAB_TOKEN: await tokenOf(40, 'api') }), 'push');
  });

  it('a variable that GitLab left unexpanded is no token', async () => {
    await expectTagged(await tag({ CI_JOB_TOKEN: JOB_TOKEN }, undefined, { GITLAB_TOKEN: '$MISSING' }), 'releases');
  });
});

describe('the API in bad weather', () => {
  it.each([
    ['the answer is lost after the tag was made', { commit_then: 502 }],
    ['the connection breaks after the tag was made', { reset: 'after' }],
    ['the connection breaks before', { reset: 'before' }],
    ['the server is down for a moment', { status: 502 }],
    ['400 for no reason', { status: 400 }],
    ['409 for no reason', { status: 409 }],
  ])('%s: one tag, exit 0', async (_what, fault) => {
    for (const path of ['/repository/tags', '/releases', '/git-receive-pack']) {
      await setFault(sandbox.gitlab.url, { match: { method: 'POST', path }, times: 1, fault });
    }
    await expectTaggedOnce(await tag({ GITLAB_TOKEN: await tokenOf(30, 'api') }, ['--json', '--via', 'tags']));
    commit = await push('main', 'Next\n');
    const next = await tag({ CI_JOB_TOKEN: JOB_TOKEN }, ['--json', '--via', 'releases']);
    expect(next).toMatchObject({ code: 0, json: { tag: 'v1.4.4' } });
    commit = await push('main', 'Third\n');
    const third = await tag({ GITLAB_TOKEN: await tokenOf(30, 'api') });
    expect(third).toMatchObject({ code: 0, json: { tag: 'v1.4.5' } });
    expect((await tagNow('v1.4.5'))?.commit.id).toBe(commit);
    expect(await tagNow('v1.4.6')).toBeNull();
  });

  async function expectTaggedOnce(outcome: TagOutcome): Promise<void> {
    expect(outcome).toMatchObject({ code: 0, json: { tag: 'v1.4.3', created: true } });
    expect((await tagNow('v1.4.3'))?.commit.id).toBe(commit);
    expect(await tagNow('v1.4.4')).toBeNull();
  }
});

describe('a merge request', () => {
  it('gives the tag its title and reference, and its label the bump', async () => {
    const { url } = sandbox.gitlab;
    await push('topic', 'wip\n');
    const maintainer = person(url, 'maintainer');
    const opened = await maintainer.post(`${LIBRARY}/merge_requests`, {
      source_branch: 'topic',
      target_branch: 'main',
      title: 'Resume uploads after a restart',
      description: 'Keeps the offset on disk.',
      labels: 'release::minor',
    });
    await sandbox.settled();
    const merged = await maintainer.put(`${LIBRARY}/merge_requests/${opened.body.iid}/merge`);
    expect(merged.status).toBe(200);
    commit = merged.body.merge_commit_sha;
    const outcome = await tag({ CI_JOB_TOKEN: JOB_TOKEN });
    expect(outcome).toMatchObject({ code: 0, json: { tag: 'v1.5.0', bump: 'minor', warnings: [] } });
    const made = await tagNow('v1.5.0');
    expect(made?.message).toMatch(/^Resume uploads after a restart\n/);
    expect(made?.message).toContain('Keeps the offset on disk.');
    expect(made?.message).toContain('acme/lib-ssh!1');
  });
});

describe('output', () => {
  it('has no token in it, of all the runs above', () => {
    expect(output.length).toBeGreaterThan(2_000);
    for (const secret of secrets) {
      expect(output.includes(secret), secret.slice(0, 8)).toBe(false);
      expect(output).not.toContain(Buffer.from(`oauth2:${secret}`).toString('base64'));
      expect(output).not.toContain(Buffer.from(`gitlab-ci-token:${secret}`).toString('base64'));
    }
  });
});
