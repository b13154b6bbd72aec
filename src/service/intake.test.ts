import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { type ClientRequest, createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { settingsSchema } from '../config/schema.ts';
import { type Service, startService } from './compose.ts';
import { readControl } from './control-file.ts';

const SIGNING = `whsec_${randomBytes(32).toString('base64')}`;
const ENVIRONMENT = {
  TOKEN: 'glpat-the-bots-token',
  HOOK: 'the-hook-secret',
  SIGNING,
  VIEWER: 'the-viewer-token',
  OPERATOR: 'the-operator-token',
};
const env = (name: string) => ({ env: name });

function settingsFor(dataDirectory: string, gitlabUrl: string, webhook: object) {
  return settingsSchema.parse({
    service: {
      listen: '127.0.0.1:0',
      data_dir: dataDirectory,
      api_tokens: [
        { name: 'looker', role: 'viewer', token: env('VIEWER') },
        { name: 'ada', role: 'operator', token: env('OPERATOR') },
      ],
    },
    gitlab: { url: gitlabUrl, token: env('TOKEN'), webhook },
    lines: [{ name: '5.5', branch: 'main' }],
    version_check: { projects: { 'acme/appliance': { version: [{ file: 'VERSION' }] } } },
  });
}

const WEBHOOK = { secret_tokens: [env('HOOK')], signing_tokens: [env('SIGNING')] };
const hanging = createServer(() => undefined);
const log: string[] = [];
let directory: string;
let service: Service;
let url: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-service-'));
  await new Promise<void>(resolve => hanging.listen(0, '127.0.0.1', resolve));
  const gitlab = `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`;
  const settings = settingsFor(join(directory, 'data'), gitlab, WEBHOOK);
  service = await startService({ settings, environment: ENVIRONMENT, writeLog: line => log.push(line) });
  url = `${service.url}/hooks/gitlab`;
});
afterAll(async () => {
  hanging.closeAllConnections();
  await new Promise(resolve => hanging.close(resolve));
  await service.stop();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(async () => {
  await stored();
  await service.database.query.deleteFrom('deliveries').execute();
});

const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
    headers: { 'x-gitlab-token': ENVIRONMENT.HOOK, ...headers },
  });
const stored = async () => {
  await expect.poll(() => service.engine.intake.unread, { timeout: 20_000 }).toBe(0);
  return service.database.query.selectFrom('deliveries').selectAll().orderBy('id').execute();
};
const mergeRequest = (iid: number) =>
  JSON.stringify({
    object_kind: 'merge_request',
    project: { path_with_namespace: 'acme/appliance' },
    object_attributes: { iid, action: 'open', padding: 'x'.repeat(2000) },
  });

async function problemOf(response: Response) {
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json(;|$)/);
  const problem = (await response.json()) as Record<string, unknown>;
  expect(problem).toMatchObject({
    status: response.status,
    title: expect.any(String),
    detail: expect.any(String),
    remedy: expect.any(String),
    instance: `urn:request:${response.headers.get('x-request-id')}`,
    type: expect.stringMatching(new RegExp(`[/:]${String(problem['code'])}$`)),
  });
  return problem['code'];
}

describe('POST /hooks/gitlab', () => {
  it('answers 200 when the delivery is stored, and stores a copy of it once', async () => {
    const headers = {
      'idempotency-key': 'one',
      'x-gitlab-event': 'Merge Request Hook',
      'x-gitlab-event-uuid': 'chain',
    };
    expect((await post(mergeRequest(1), headers)).status).toBe(200);
    expect(await stored()).toMatchObject([{ dedupe_key: 'one', event: 'Merge Request Hook', chain: 'chain' }]);
    expect((await post(mergeRequest(1), headers)).status).toBe(200);
    expect(await stored()).toHaveLength(1);
  });

  it('takes a signed delivery of a body of any length, and refuses it with one byte changed', async () => {
    for (const size of [10, 40_000, 200_000]) {
      const body = Buffer.from(JSON.stringify({ text: 'x'.repeat(size) }));
      const timestamp = String(Math.floor(Date.now() / 1000));
      const id = randomUUID();
      const mac = createHmac('sha256', Buffer.from(SIGNING.slice(6), 'base64'));
      const signature = `v1,${mac.update(`${id}.${timestamp}.`).update(body).digest('base64')}`;
      const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
      expect((await post(body, headers)).status).toBe(200);
      body[12] = 0x79;
      const refused = await post(body, headers);
      expect(refused.status).toBe(401);
      expect(await problemOf(refused)).toBe('SBX_WEBHOOK_NOT_AUTHENTIC');
    }
    expect(await stored()).toHaveLength(3);
  });

  it('answers 200 to an event that it does not know', async () => {
    expect((await post('{"object_kind":"moon_landing"}', { 'x-gitlab-event': 'Moon Hook' })).status).toBe(200);
    expect(await stored()).toHaveLength(1);
  });

  it('answers 401 to a wrong token, whatever the body is', async () => {
    const response = await post('not json', { 'x-gitlab-token': 'guess' });
    expect(response.status).toBe(401);
    expect(await problemOf(response)).toBe('SBX_WEBHOOK_NOT_AUTHENTIC');
    expect(await stored()).toEqual([]);
  });

  it.each(['', 'plain text', '[1]', '"{}"', '{"a":}', '{'])(
    'answers 400 to %j, which is no JSON object',
    async body => {
      const response = await post(body);
      expect(response.status).toBe(400);
      expect(await problemOf(response)).toBe('SBX_WEBHOOK_NOT_JSON');
      expect(await stored()).toEqual([]);
    },
  );

  const TOO_LARGE = 25 * 1024 * 1024 + 1;
  const answerOf = (outgoing: ClientRequest) =>
    new Promise<number>((resolve, reject) => {
      outgoing.on('response', (answer: IncomingMessage) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      outgoing.on('error', reject);
    });

  it('answers 413 to a body declared too large, before a byte of it', async () => {
    const headers = { 'x-gitlab-token': ENVIRONMENT.HOOK, 'content-length': String(TOO_LARGE) };
    const outgoing = httpRequest(url, { method: 'POST', headers });
    outgoing.flushHeaders();
    expect(await answerOf(outgoing)).toBe(413);
    outgoing.destroy();
  });

  it('answers 413 to a body that grows too large', async () => {
    const outgoing = httpRequest(url, { method: 'POST', headers: { 'x-gitlab-token': ENVIRONMENT.HOOK } });
    const answer = answerOf(outgoing);
    outgoing.end(Buffer.alloc(TOO_LARGE, 0x20));
    expect(await answer).toBe(413);
    expect(await stored()).toEqual([]);
  });

  it('answers 503 while the disk is full, and takes the same delivery when there is room', async () => {
    const data = join(directory, 'full');
    const other = await startService({
      settings: settingsFor(data, 'http://127.0.0.1:9', WEBHOOK),
      environment: ENVIRONMENT,
      writeLog: () => undefined,
    });
    // The kernel's own full disk, where the first segment will be written.
    await symlink('/dev/full', join(data, 'intake', '0000000000000001.log'));
    const send = () =>
      fetch(`${other.url}/hooks/gitlab`, {
        method: 'POST',
        body: mergeRequest(1),
        headers: { 'x-gitlab-token': ENVIRONMENT.HOOK, 'idempotency-key': 'full' },
      });
    try {
      const refused = await send();
      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).not.toBeNull();
      expect(await problemOf(refused)).toBe('SBX_INTAKE_DISK_FULL');
      expect((await send()).status).toBe(200);
      const keys = () => other.database.query.selectFrom('deliveries').select('dedupe_key').execute();
      await expect.poll(keys, { timeout: 20_000 }).toEqual([{ dedupe_key: 'full' }]);
    } finally {
      await other.stop();
    }
  });

  it('stores 64 deliveries that come at once, each once, while GitLab hangs, and answers all the same', async () => {
    const started = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 128 }, (_, n) => post(mergeRequest(n % 64), { 'idempotency-key': `burst-${n % 64}` })),
    );
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(answers.map(answer => answer.status)).toEqual(Array.from({ length: 128 }, () => 200));
    expect(await stored()).toHaveLength(64);
  });
});

describe('the rest of the door', () => {
  const ask = (path: string, token?: string, method = 'GET') =>
    fetch(`${service.url}${path}`, {
      method,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });

  it('lets a viewer look, an operator act, and a stranger nothing', async () => {
    const replay = '/v1/work/merge-request%3Aacme%2Fappliance%211/replay';
    expect((await ask('/v1/journal', ENVIRONMENT.VIEWER)).status).toBe(200);
    const tooLow = await ask(replay, ENVIRONMENT.VIEWER, 'POST');
    expect([tooLow.status, await problemOf(tooLow)]).toEqual([403, 'SBX_ROLE_TOO_LOW']);
    expect((await ask(replay, ENVIRONMENT.OPERATOR, 'POST')).status).toBe(202);
    for (const token of [undefined, 'guess', ENVIRONMENT.HOOK]) {
      for (const path of ['/v1/journal', '/v1/work', '/metrics', '/v1/journal/proof', '/v1/explain?key=x']) {
        const refused = await ask(path, token);
        expect([refused.status, await problemOf(refused)]).toEqual([401, 'SBX_NOT_SIGNED_IN']);
      }
    }
    expect((await ask('/healthz')).status).toBe(200);
    expect((await ask('/readyz')).status).toBe(200);
  });

  it('counts deliveries by their outcome, and says what waits to be read', async () => {
    const value = async (name: string) => {
      const text = await (await ask('/metrics', ENVIRONMENT.VIEWER)).text();
      return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
    };
    const accepted = 'signalbox_deliveries_total{source="gitlab",outcome="accepted"}';
    const refused = 'signalbox_deliveries_total{source="gitlab",outcome="refused"}';
    const before = [await value(accepted), await value(refused)];
    await post(mergeRequest(1));
    await post(mergeRequest(1));
    await post('no JSON');
    expect([await value(accepted), await value(refused)]).toEqual([before[0]! + 2, before[1]! + 1]);
    await expect.poll(() => value('signalbox_intake_unread_bytes'), { timeout: 20_000 }).toBe(0);
  });

  it('answers every error as a problem', async () => {
    const nowhere = await ask('/nowhere');
    expect([nowhere.status, await problemOf(nowhere)]).toEqual([404, 'SBX_ROUTE_NOT_FOUND']);
    const invalid = await ask('/v1/journal?limit=0&kind=x', ENVIRONMENT.VIEWER);
    expect([invalid.status, await problemOf(invalid.clone())]).toEqual([400, 'SBX_REQUEST_INVALID']);
    const { errors } = (await invalid.json()) as { errors: { at: string }[] };
    expect(errors.map(({ at }) => at).sort()).toEqual(['kind', 'limit']);
  });

  it('leaves the command line a way in that only its own user can read', async () => {
    const data = join(directory, 'data');
    expect((await stat(join(data, 'control.json'))).mode & 0o777).toBe(0o600);
    const control = readControl(data);
    expect(control).toMatchObject({ url: service.url, pid: process.pid });
    expect((await ask('/v1/work', control!.token)).status).toBe(200);
  });

  it('never writes a secret into its log', () => {
    service.log.warn('a careless message', { detail: `with ${ENVIRONMENT.TOKEN} and ${SIGNING} inside` });
    const text = log.join('');
    expect(text).toContain('a careless message');
    const secrets = [...Object.values(ENVIRONMENT), readControl(join(directory, 'data'))!.token];
    for (const secret of secrets) expect(text.includes(secret)).toBe(false);
  });
});

it('refuses to start without any webhook secret, and beside another service on the same data', async () => {
  const start = (data: string, webhook: object) =>
    startService({
      settings: settingsFor(data, 'http://127.0.0.1:9', webhook),
      environment: ENVIRONMENT,
      writeLog: () => undefined,
    });
  const empty = join(directory, 'other');
  await expect(start(empty, {})).rejects.toMatchObject({ code: 'SBX_WEBHOOK_SECRET_MISSING' });
  await expect(stat(empty)).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(start(join(directory, 'data'), WEBHOOK)).rejects.toMatchObject({ code: 'SBX_DATA_DIRECTORY_IN_USE' });
});
