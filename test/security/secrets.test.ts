import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Played } from '../../src/cli/demo/play.ts';
import { startS3 } from '../s3/start-s3.ts';
import { cookieBrowser } from '../support/cookie-browser.ts';
import { type FullRun, startFullRun } from './full-run.ts';
import { findSecrets, formsOf } from './secret-search.ts';

/** Asked for by name below, or a stream without an end. */
const NOT_ASKED = /^\/(v1\/events|v1\/uploads|sign-in)/;
const VIEWER = 'service.api_tokens[].token';

let run: FullRun;
let played: Played[];

beforeAll(async () => {
  run = await startFullRun();
  played = await run.playStory();
}, 120_000);
afterAll(() => run?.close());

describe('the search for secrets', () => {
  const secret = { name: 'x', value: 'a"secret/with+everything=' };

  it('finds one in whatever form it was put down', () => {
    const { value } = secret;
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const shown = [
      value,
      JSON.stringify({ value }),
      `?q=${encodeURIComponent(value)}`,
      ...['', 'a', 'ab', 'abc'].flatMap(user => [base64(`${user}:${value}`), base64(`${user}:${value}:X`)]),
      Buffer.from(`..${value}..`).toString('base64url'),
      Buffer.from(value).toString('hex'),
    ];
    for (const each of shown)
      expect(findSecrets([{ where: each, bytes: Buffer.from(each) }], [secret])).not.toEqual([]);
  });

  it('looks for nothing so short that it is there by accident', () => {
    for (const each of run.secrets)
      for (const form of formsOf(each)) expect([each.name, form.length > 12]).toEqual([each.name, true]);
  });
});

it('has a secret in every place of the configuration that can have one', () => {
  const without = run.keys.filter(({ references }) => references.length === 0).map(({ place }) => place);
  // These have tests of their own below: they take the place of what this run uses.
  expect(without.toSorted()).toEqual([
    'service.artifacts.s3.access_key',
    'service.artifacts.s3.secret_key',
    'service.database.postgres',
  ]);
  expect(run.keys.length).toBeGreaterThan(12);
});

it('plays every automation to its end', () => {
  expect(played.flatMap(({ claims }) => claims.filter(({ holds }) => !holds))).toEqual([]);
  expect(played).toHaveLength(6);
});

it('fails in every way in which somebody repeats a secret', { timeout: 120_000 }, async () => {
  const keys = async () => {
    const { shown } = await run.ask('GET', '/v1/work', { bearer: VIEWER });
    return (JSON.parse(shown) as { work: { key: string; error: { detail: string } | null }[] }).work;
  };
  const operator = run.secrets.find(({ value }) => value.startsWith('operator-'))?.value ?? '';
  const all = await keys();
  expect(all.length).toBeGreaterThan(6);
  for (const status of [401, 502]) {
    const message = `${status} refused: {{credential}}`;
    await run.faults({ match: { agent: 'signalbox' }, fault: { status, body: { message, error: message } } });
    await run.faults({ match: { path: '^/acme/.*git' }, fault: { status, body: message } });
    const keyOf = (key: string, what: string) => `/v1/work/${encodeURIComponent(key)}/${what}`;
    await Promise.all(all.map(({ key }) => run.ask('POST', keyOf(key, 'replay'), { bearer: operator })));
    const failed = async () => (await keys()).filter(({ error }) => error?.detail.includes(`${status}`)).length;
    await expect.poll(failed, { timeout: 30_000 }).toBeGreaterThanOrEqual(4);
    // What is asked again and again takes its time.
    if (status === 401) {
      await Promise.all(all.map(({ key }) => run.ask('POST', keyOf(key, 'preview'), { bearer: operator })));
      const [doctor] = await Promise.all([
        run.signalbox('doctor', '--json'),
        run.signalbox('version-check', 'acme/appliance!1', '--json'),
        run.signalbox('escalate', '102', '--json'),
        run.ask('POST', '/v1/escalations/preview', {
          bearer: 'escalation.agents[].token',
          ...json({ ticket_id: 103 }),
        }),
      ]);
      expect(doctor.code).toBe(1);
    }
    await run.calm();
  }
});

it('is knocked at with secrets in the wrong place', async () => {
  const { secret } = run;
  const hook = secret('gitlab.webhook.secret_tokens[]');
  await run.ask('POST', '/hooks/gitlab', {
    headers: { 'x-gitlab-token': secret('freshdesk.webhook_secret') },
    body: '{}',
  });
  await run.ask('POST', '/hooks/gitlab', { headers: { 'x-gitlab-token': hook }, body: `not json` });
  await run.ask('POST', '/hooks/freshdesk', { headers: { 'x-signalbox-secret': hook }, body: '{"ticket_id":101}' });
  await run.ask('POST', '/hooks/freshdesk', {
    headers: { 'x-signalbox-secret': secret('freshdesk.webhook_secret'), 'content-type': 'application/json' },
    body: '{"ticket_id":101}',
  });
  await run.ask('POST', '/v1/races', { bearer: hook, ...json({ source: 'box-1', reports: [] }) });
  await run.ask('GET', '/v1/releases/appliance/5.4.1', { bearer: 'releases.products.*.credentials[].secret' });
  await run.ask('GET', '/v1/releases/other/5.4.1', { bearer: 'releases.products.*.credentials[].secret' });
  const commit = '0'.repeat(40);
  await run.ask('POST', '/v1/tags', { bearer: run.idToken({ sha: commit }), ...json({ wait: 0 }) });
  await run.ask('POST', '/v1/tags', { bearer: run.idToken({ aud: 'somebody else' }), ...json({ wait: 0 }) });
  const push = ['release', 'push', 'appliance.tgz', '--product', 'appliance', '--version', '5.4.2', '--line', '5.4'];
  const sent = await run.signalbox(
    ...push,
    '--environment',
    'development',
    '--field',
    'commit=0123abcd',
    '--token-file',
    'release-secret',
  );
  expect([sent.code, sent.stderr, sent.stdout]).toEqual([0, '', expect.stringContaining('[hidden]')]);
  await run.signalbox(...push, '--token-file', 'hook');
});

it('lets people in by token and by GitLab, also when GitLab tells what it should not', async () => {
  const browser = cookieBrowser();
  const entered = await browser.submit(`${run.url}/sign-in`, {
    token: run.secret('service.dashboard.token'),
    next: '/',
  });
  expect(entered.status).toBe(303);
  run.secrets.push({ name: 'a session', value: browser.cookies(run.url).replace('signalbox-session=', '') });
  await cookieBrowser().submit(`${run.url}/sign-in`, {
    token: run.secret('gitlab.webhook.secret_tokens[]'),
    next: '/',
  });
  const atGitLab = async () => {
    const person = cookieBrowser();
    const jump = new URL((await person.ask(`${run.url}/sign-in/gitlab`)).headers.get('location') ?? '');
    await person.submit(`${run.gitlabUrl}/-/act-as`, { user: 'developer', back: '/' });
    const back = await person.submit(`${run.gitlabUrl}/oauth/authorize`, Object.fromEntries(jump.searchParams));
    const answer = await person.ask(back.headers.get('location') ?? '');
    run.traces.push({ where: 'the page after a sign-in', bytes: Buffer.from(await answer.text()) });
    const cookies = person.cookies(run.url).replace('signalbox-session=', '');
    if (cookies !== '') run.secrets.push({ name: 'a session by GitLab', value: cookies });
    return answer.status;
  };
  expect(await atGitLab()).toBe(303);
  const body = {
    error: 'invalid_client',
    error_description: `not ${run.secret('service.dashboard.gitlab_oauth.secret')} {{credential}}`,
  };
  await run.faults({ match: { path: '/oauth/token' }, fault: { status: 401, body } });
  // A fault of the configuration, and not of the person.
  expect(await atGitLab()).toBe(502);
  await run.calm();
});

it('shows everything it has to whoever may look', async () => {
  const { shown } = await run.ask('GET', '/openapi.json', { bearer: VIEWER });
  const { paths } = JSON.parse(shown) as { paths: Record<string, Record<string, unknown>> };
  const values: Record<string, string> = { product: 'appliance', version: '5.4.1', ticket: '101', seq: '1' };
  const { shown: races } = await run.ask('GET', '/v1/races', { bearer: VIEWER });
  values['fingerprint'] = /"fingerprint":"(\w+)"/.exec(races)?.[1] ?? '';
  const { shown: escalations } = await run.ask('GET', '/v1/escalations', { bearer: VIEWER });
  values['id'] = /"id":"([^"]+)"/.exec(escalations)?.[1] ?? '';
  const gets = Object.keys(paths).filter(path => paths[path]?.['get'] && !NOT_ASKED.test(path));
  expect(gets.length).toBeGreaterThan(25);
  const answered: number[] = [];
  for (const path of gets) {
    const address = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(values[name] ?? name));
    const query = path === '/v1/explain' ? '?key=webhooks:acme/appliance' : path === '/v1/tickets' ? '?ids=101' : '';
    answered.push((await run.ask('GET', `${address}${query}`, { bearer: VIEWER })).status);
    if (path.includes('escalations') || path.includes('tickets'))
      await run.ask('GET', `${address}${query}`, { bearer: 'escalation.agents[].token' });
  }
  expect(answered.filter(status => status === 200).length).toBeGreaterThan(20);
  for (const path of ['/', '/sign-in', '/journal', '/userscript']) await run.ask('GET', path, { bearer: VIEWER });
  for (let before: number | undefined, rows = 1; rows > 0; ) {
    const page = await run.ask('GET', `/v1/journal?limit=500${before ? `&before=${before}` : ''}`, { bearer: VIEWER });
    const body = JSON.parse(page.shown) as { rows: { seq: number }[] };
    rows = body.rows.length;
    before = body.rows.at(-1)?.seq;
  }
});

it('is killed, begun again, asked by commands, and backed up', { timeout: 120_000 }, async () => {
  const commandLine = await run.commandLine();
  run.traces.push({ where: "the service's command line", bytes: commandLine });
  expect(commandLine.toString()).toContain('serve');
  await run.kill();
  await run.serve();
  const { stdout } = await run.signalbox('backup', 'backup', '--artifacts', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ artifacts: true });
  const commands = [
    ['journal', '--json'],
    ['config', 'check'],
    ['explain', 'lane:appliance', '--json'],
  ];
  const ended = await Promise.all(commands.map(async args => run.signalbox(...args)));
  expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
});

it('keeps the address of PostgreSQL to itself when it cannot be reached', async () => {
  const password = 'a-password/of+postgres-only';
  const address = `postgres://signalbox:${encodeURIComponent(password)}@127.0.0.1:9/signalbox`;
  run.secrets.push({ name: 'service.database.postgres', value: password });
  await writeFile(join(run.directory, 'postgres-address'), address, { mode: 0o600 });
  const file = join(run.directory, 'postgres.yaml');
  await writeFile(file, `service: { data_dir: other, database: { postgres: { file: postgres-address } } }\n`);
  const { code, stderr } = await run.signalbox('serve', '--config', file);
  expect([code, stderr]).toEqual([1, expect.stringContaining('SBX_')]);
  await writeFile(join(run.directory, 'postgres-address'), '');
});

it('keeps the key of a bucket to itself when it cannot be reached, or refuses it', async () => {
  const keys = { access: 'AKIA-of-the-bucket-only', secret: 'a/secret+of=the-bucket-only' };
  const bucket = await startS3();
  for (const [name, value] of Object.entries(keys)) {
    run.secrets.push({ name: `service.artifacts.s3.${name}_key`, value });
    await writeFile(join(run.directory, `bucket-${name}`), value, { mode: 0o600 });
  }
  const file = join(run.directory, 'bucket.yaml');
  for (const endpoint of [bucket.endpoint, 'http://127.0.0.1:9']) {
    const s3 = `{ endpoint: "${endpoint}", bucket: artifacts, access_key: { file: bucket-access }, secret_key: { file: bucket-secret } }`;
    await writeFile(file, `service: { data_dir: other, artifacts: { s3: ${s3} } }\n`);
    const { stdout } = await run.signalbox('doctor', '--config', file);
    expect(stdout).toMatch(/FAIL +artifact bucket/);
  }
  await bucket.close();
  for (const name of Object.keys(keys)) await writeFile(join(run.directory, `bucket-${name}`), '');
});

it('has left none of its secrets anywhere', { timeout: 120_000 }, async () => {
  const { token } = JSON.parse(await readFile(join(run.directory, 'data/control.json'), 'utf8')) as { token: string };
  const traces = await run.everything();
  const where = traces.map(trace => trace.where);
  for (const part of [
    'data/signalbox.db',
    'data/intake/',
    'data/runs/',
    'data/releases/',
    'data/public/',
    'backup/signalbox.db',
  ])
    expect([part, where.some(each => each.includes(part))]).toEqual([part, true]);
  for (const part of ['seen-by-the-script', 'process 2', "the traces' collector", 'GET /metrics', 'GET /v1/overview'])
    expect([part, where.some(each => each.includes(part))]).toEqual([part, true]);
  const control = { name: "the control file's token", value: token };
  const found = findSecrets(traces, [...run.secrets, control]);
  expect([found.length, found.slice(0, 20)]).toEqual([0, []]);
});

function json(body: unknown): RequestInit {
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}
