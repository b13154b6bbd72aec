import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Issuer, startIssuer } from '../support/id-tokens.ts';
import { LIBRARY, type LibraryStage, type LibraryStageOptions, setLibraryStage } from './library-stage.ts';
import { inParallel, jobOf, runTag, type TagOutcome } from './tag-stage.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let issuer: Issuer;
let stage: LibraryStage;
/** Everything that any job has printed, to be searched for tokens. */
let printed = '';
const shown: string[] = [];

beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());

const keyless = () => `  keyless: { issuer: "${issuer.url}", audience: signalbox }\n`;

async function open(more: LibraryStageOptions = {}): Promise<void> {
  stage = await setLibraryStage({ rules: `  on_push: false\n${keyless()}`, deaf: true, ...more });
}

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

async function ask(token: string | null, body: object = {}): Promise<Answer> {
  if (token !== null) shown.push(token);
  const answer = await fetch(`${stage.service.url}/v1/tags`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

/** As the command does it: who is told to come back asks the same again. */
async function askUntilKnown(token: string, body: object): Promise<Answer> {
  for (;;) {
    const answer = await ask(token, body);
    if (answer.status !== 202) return answer;
  }
}

/** A job without any token of GitLab, in a real process. */
async function job(commit: string, token: string, args: string[] = ['--json'], url?: string): Promise<TagOutcome> {
  shown.push(token);
  const environment = jobOf(`${stage.gitlabUrl}/acme/lib-ssh`, commit, { ID_TOKEN: token });
  const outcome = await runTag({ args: ['--service', url ?? stage.service.url, ...args], environment });
  printed += outcome.stdout + outcome.stderr;
  return outcome;
}

describe('a job that shows its id_token', () => {
  beforeEach(() => open());
  afterEach(() => stage.close());

  it('gets its commit tagged, and the result as by every other way', async () => {
    const commit = await stage.push('Retry failed uploads\n\nThree times, then give up.\n');
    const directory = mkdtempSync(join(tmpdir(), 'tag-keyless-'));
    const dotenv = join(directory, 'tag.env');
    const token = issuer.sign({ sha: commit });
    const first = await job(commit, token, ['--json', '--dotenv', dotenv]);
    expect([first.code, first.json]).toMatchObject([
      0,
      { action: 'create', tag: 'v1.4.3', base: 'v1.4.2', bump: 'patch', commit, created: true, way: 'service' },
    ]);
    expect(readFileSync(dotenv, 'utf8')).toMatch(
      /^TAG=v1\.4\.3\nVERSION=1\.4\.3\nPREVIOUS_TAG=v1\.4\.2\nTAG_CREATED=true\n/,
    );
    expect(await stage.tagged('v1.4.3')).toBe(commit);
    expect(await stage.message('v1.4.3')).toBe('Retry failed uploads\n\nThree times, then give up.\n');
    const again = await job(commit, token);
    expect([again.code, again.json]).toEqual([0, first.json]);
    const anew = await job(commit, issuer.sign({ sha: commit }), []);
    expect([anew.code, anew.stdout]).toEqual([0, expect.stringContaining(`exists: v1.4.3 at ${commit.slice(0, 10)}`)]);
    expect(await stage.newTags()).toEqual(['v1.4.3']);
    rmSync(directory, { recursive: true });
  });

  it('has its own commit tagged, and not what came after it', async () => {
    const commit = await stage.push('Passed its tests');
    const next = await stage.push('Has not passed them yet');
    expect((await ask(issuer.sign({ sha: commit }))).body).toMatchObject({ action: 'create', tag: 'v1.4.3' });
    expect([await stage.newTags(), await stage.tagged('v1.4.3')]).toEqual([['v1.4.3'], commit]);
    expect((await ask(issuer.sign({ sha: next }))).body).toMatchObject({ action: 'create', tag: 'v1.4.4' });
  });

  it('comes too late when a later commit has a version that contains its own', async () => {
    const commit = await stage.push('Slow pipeline');
    const later = await stage.push('Quick pipeline');
    expect((await ask(issuer.sign({ sha: later }), { wait: 0 })).body).toMatchObject({ tag: 'v1.4.3', commit: later });
    const late = await job(commit, issuer.sign({ sha: commit }));
    expect([late.code, late.json]).toMatchObject([0, { action: 'contained', contained_in: 'v1.4.3', created: false }]);
  });

  it('is one of fifty at once: the jobs of earlier commits go first, whichever asks first', async () => {
    const commits: string[] = [];
    for (let at = 0; at < 50; at++) commits.push(await stage.commit(`Change ${at}`));
    await stage.git('push', '--quiet', 'origin', 'HEAD:main');
    // Nobody waits once all have asked: long only so that a busy machine's jobs count as coming at once.
    const answers = await inParallel([...commits].reverse(), 50, commit => {
      const token = issuer.sign({ sha: commit });
      return askUntilKnown(token, { wait: 20 });
    });
    expect(answers.map(({ status, body }) => [status, body['tag'], body['commit']])).toEqual(
      commits.map((commit, at) => [200, `v1.4.${3 + at}`, commit]).reverse(),
    );
    for (const [at, commit] of commits.entries()) expect(await stage.tagged(`v1.4.${3 + at}`)).toBe(commit);
  });

  it('learns what would be done, and nothing is done', async () => {
    const commit = await stage.push('Not yet');
    const dry = await job(commit, issuer.sign({ sha: commit }), ['--dry-run']);
    expect([dry.code, dry.stdout]).toEqual([0, expect.stringContaining('would create v1.4.3')]);
    expect(await stage.newTags()).toEqual([]);
  });

  it('has nothing to ask for in the pipelines of tags, topic branches and merge requests', async () => {
    const commit = await stage.push('A topic', 'topic');
    expect((await ask(issuer.sign({ sha: commit, ref: 'topic' }))).body).toMatchObject({ action: 'skip', tag: null });
    expect((await ask(issuer.sign({ sha: commit, ref: 'v1.0.0', ref_type: 'tag' }))).body).toMatchObject({
      action: 'skip',
      reasons: ['this is not the update of a branch'],
    });
    const merged = { sha: commit, ref: 'main', pipeline_source: 'merge_request_event' };
    expect((await ask(issuer.sign(merged))).body).toMatchObject({ action: 'skip', tag: null });
    const silent = await runTag({
      args: ['--json', '--service', 'http://127.0.0.1:1'],
      environment: { ...jobOf(`${stage.gitlabUrl}/acme/lib-ssh`, commit, { CI_COMMIT_TAG: 'v1' }), ID_TOKEN: 'x.y.z' },
    });
    expect([silent.code, silent.json]).toMatchObject([0, { action: 'skip' }]);
    expect(await stage.newTags()).toEqual([]);
  });

  it('is told when the repository does not have its commit', async () => {
    const answer = await ask(issuer.sign({ sha: 'a'.repeat(40) }));
    expect(answer.body).toMatchObject({
      action: 'refuse',
      reasons: [expect.stringContaining('does not have this commit')],
    });
  });

  it('is told what has to be changed when the service may not create the tag', async () => {
    await stage.must('admin', 'POST', `${LIBRARY}/protected_tags`, { name: 'v*', create_access_level: 40 });
    const commit = await stage.push('Protected');
    const outcome = await job(commit, issuer.sign({ sha: commit }));
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('SBX_TAG_NOT_PERMITTED');
    expect(outcome.stderr).toMatch(/protected/i);
    await stage.must('admin', 'DELETE', `${LIBRARY}/protected_tags/v*`);
    expect((await job(commit, issuer.sign({ sha: commit }))).json).toMatchObject({ tag: 'v1.4.3', commit });
  });

  it('asks again after every answer that is none', async () => {
    const commit = await stage.push('Bad weather');
    const weather = ['502', 'before', 'after'];
    const { port } = new URL(stage.service.url);
    const proxy = createServer((incoming, outgoing) => {
      const now = weather.shift();
      if (now === '502') return void outgoing.writeHead(502).end('<html>Bad gateway</html>');
      if (now === 'before') return void incoming.socket.destroy();
      const { method, url: path, headers } = incoming;
      const onwards = request({ port, method, path, headers }, answer => {
        if (now === 'after') return void incoming.socket.destroy();
        outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(outgoing);
      });
      incoming.pipe(onwards);
    });
    await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const outcome = await job(commit, issuer.sign({ sha: commit }), ['--json'], url);
    proxy.close();
    expect([outcome.code, outcome.json]).toMatchObject([0, { action: 'create', tag: 'v1.4.3', created: true }]);
    expect(weather).toEqual([]);
  });
});

describe('an id_token', () => {
  // One stage for all of them: nothing is changed.
  beforeAll(() => open());
  afterAll(() => stage.close());
  const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const sha = 'b'.repeat(40);

  it.each<[string, () => string | null, number, string]>([
    ['none', () => null, 401, 'SBX_TAG_NOT_AUTHENTIC'],
    ['one that is none', () => 'secret', 401, 'SBX_TAG_NOT_AUTHENTIC'],
    ['a forged one', () => issuer.sign({ sha }, foreign.privateKey), 401, 'SBX_TAG_NOT_AUTHENTIC'],
    ['an expired one', () => issuer.sign({ sha, exp: Date.now() / 1000 - 120 }), 401, 'SBX_TAG_NOT_AUTHENTIC'],
    ['one for another audience', () => issuer.sign({ sha, aud: 'vault' }), 401, 'SBX_TAG_NOT_AUTHENTIC'],
    ['one of another issuer', () => issuer.sign({ sha, iss: 'http://127.0.0.1:1' }), 401, 'SBX_TAG_NOT_AUTHENTIC'],
    ['one without a commit', () => issuer.sign(), 401, 'SBX_TAG_NOT_AUTHENTIC'],
    ['one with half a commit', () => issuer.sign({ sha: 'abc' }), 401, 'SBX_TAG_NOT_AUTHENTIC'],
    ['one of a merge request', () => issuer.sign({ sha, ref_type: 'merge_request' }), 401, 'SBX_TAG_NOT_AUTHENTIC'],
    ['one of another project', () => issuer.sign({ sha, project_path: 'acme/appliance' }), 403, 'SBX_TAG_NOT_ALLOWED'],
    ['one of an unprotected branch', () => issuer.sign({ sha, ref_protected: 'false' }), 403, 'SBX_TAG_NOT_ALLOWED'],
  ])('%s: %s', async (_what, make, status, code) => {
    const answer = await ask(make());
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
    expect(await stage.newTags()).toEqual([]);
  });
});

describe('keyless tagging', () => {
  afterEach(() => stage.close());

  it('goes by the token alone, and takes nothing that a job says of itself', async () => {
    await open();
    const commit = await stage.push('Mine');
    const answer = await ask(issuer.sign({ sha: commit }), { sha: 'c'.repeat(40), project: 'acme/lib-curl' });
    expect([answer.status, answer.body['code']]).toEqual([400, 'SBX_REQUEST_INVALID']);
  });

  it('takes unprotected branches where the configuration says so', async () => {
    const rules = `  on_push: false\n  keyless: { issuer: "${issuer.url}", audience: signalbox, ref_protected: false }\n`;
    await open({ rules });
    const commit = await stage.push('Unprotected');
    const answer = await ask(issuer.sign({ sha: commit, ref_protected: 'false' }));
    expect(answer.body).toMatchObject({ action: 'create', tag: 'v1.4.3', commit });
  });

  it('finds the version that the push has brought already', async () => {
    await open({ rules: keyless(), deaf: false });
    const commit = await stage.push('Tagged by its push');
    await stage.until('it is tagged', async () => (await stage.newTags()).length > 0);
    expect((await ask(issuer.sign({ sha: commit }))).body).toMatchObject({
      action: 'exists',
      tag: 'v1.4.3',
      created: false,
    });
  });

  it('makes no tag in a service that changes nothing', async () => {
    await open({ dryRun: true });
    const commit = await stage.push('Dry');
    expect((await ask(issuer.sign({ sha: commit }))).body).toMatchObject({
      action: 'create',
      created: false,
      dry_run: true,
    });
    expect(await stage.newTags()).toEqual([]);
  });

  it('is off unless it is configured', async () => {
    await open({ rules: '' });
    expect((await ask(issuer.sign({ sha: 'd'.repeat(40) }))).status).toBe(404);
  });
});

it('shows no token in anything that these jobs have printed', () => {
  expect(printed.length).toBeGreaterThan(100);
  for (const token of shown) expect(printed.includes(token.split('.').at(-1) ?? '')).toBe(false);
});
