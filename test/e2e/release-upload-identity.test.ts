import { createSign, generateKeyPairSync } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  curl,
  md5,
  type ReleaseStage,
  SECRET,
  setReleaseStage,
  tgz,
  until,
  uploadHeaders,
} from './release-upload-stage.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describe('a GitLab job', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let gitlab: Server;
  let issuer: string;
  let stage: ReleaseStage;

  beforeEach(async () => {
    gitlab = createServer((request, response) => {
      const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'k' }];
      const discovery = { issuer, jwks_uri: `${issuer}/oauth/discovery/keys` };
      response.end(JSON.stringify(request.url?.startsWith('/.well-known') ? discovery : { keys }));
    });
    await new Promise<void>(resolve => gitlab.listen(0, '127.0.0.1', resolve));
    issuer = `http://127.0.0.1:${(gitlab.address() as AddressInfo).port}`;
    const rule = `{ project: acme/appliance, issuer: "${issuer}", audience: signalbox }`;
    stage = await setReleaseStage({ credentials: `, { gitlab_oidc: ${rule} }` });
  });
  afterEach(async () => {
    await stage.close();
    gitlab.close();
  });

  function idToken(jti: string, more: object = {}): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const exp = Math.floor(Date.now() / 1000) + 300;
    const claims = {
      iss: issuer,
      aud: 'signalbox',
      exp,
      jti,
      project_path: 'acme/appliance',
      ref_protected: 'true',
      ref_type: 'tag',
    };
    const signed = `${part({ alg: 'RS256', kid: 'k' })}.${part({ ...claims, ...more })}`;
    return `Bearer ${signed}.${createSign('sha256').update(signed).sign(privateKey, 'base64url')}`;
  }

  it('releases with its id_token, for one version only', async () => {
    const body = tgz();
    const authorization = idToken('one');
    const first = await stage.put('5.4.1', body, { authorization });
    expect([first.status, first.body['credential']]).toEqual([202, 'gitlab']);
    expect((await stage.put('5.4.1', body, { authorization })).status).toBe(200);
    const replayed = await stage.put('5.4.2', tgz(), { authorization });
    expect([replayed.status, replayed.body.code]).toEqual([401, 'SBX_RELEASE_NOT_AUTHENTIC']);
    expect((await stage.put('5.4.2', tgz(), { authorization: idToken('two') })).status).toBe(202);
    expect(
      (await stage.put('5.4.3', tgz(), { authorization: idToken('three', { ref_protected: 'false' }) })).status,
    ).toBe(403);
    expect(stage.log()).not.toContain(authorization.slice(-40));
  });
});

describe('a service that stops', () => {
  it('lets an upload under way come to its end, and takes no new one', async () => {
    const stage = await setReleaseStage();
    const body = tgz(2_000_000);
    const socket = connect(stage.port, '127.0.0.1');
    let answer = '';
    socket.on('data', chunk => {
      answer += chunk.toString();
    });
    const head = Object.entries(uploadHeaders(body)).map(([name, value]) => `${name}: ${value}`);
    socket.write(`${['PUT /v1/releases/appliance/5.4.1 HTTP/1.1', 'Host: x', ...head].join('\r\n')}\r\n\r\n`);
    socket.write(body.subarray(0, 1000));
    await until('it has begun', async () => (await stage.show('5.4.1')).body['state'] === 'receiving');
    const stopped = stage.stop();
    await until('no other is taken', async () => {
      const other = await stage.put('5.4.2', tgz()).catch(() => null);
      return other === null || other.status === 503;
    });
    socket.write(body.subarray(1000));
    await until('it is answered', async () => answer.endsWith('}'));
    expect(answer).toMatch(/^HTTP\/1\.1 202 /);
    socket.destroy();
    await stopped;
    const next = await setReleaseStage({ dataDirectory: join(stage.directory, 'data') });
    await until('it is released', async () => (await next.show('5.4.1')).body['state'] === 'released');
    await next.close();
    await stage.close();
  });

  it('tells a waiting sender that the release is stored', async () => {
    const stage = await setReleaseStage();
    await writeFile(join(stage.directory, 'hold'), '');
    const waiting = stage.put('5.4.1', tgz(), { prefer: 'wait=60' });
    await until('the script runs', async () => (await stage.ran()).length > 0);
    const stopped = stage.stop();
    const answer = await waiting;
    expect([answer.status, answer.body.code]).toEqual([503, 'SBX_SERVICE_STOPPING']);
    expect(answer.headers['location']).toBe('/v1/releases/appliance/5.4.1');
    await rm(join(stage.directory, 'hold'));
    await stopped;
    await stage.close();
  });
});

it('answers a preflight by form too', async () => {
  const stage = await setReleaseStage();
  const fields = ['-F', 'version=5.4.1', '-F', 'line=5.4', '-F', 'environment=development', '-F', `md5=${md5(tgz())}`];
  const ask = (...more: string[]) =>
    curl('-H', `Authorization: Bearer ${SECRET}`, ...fields, ...more, `${stage.url}/v1/releases/appliance/preflight`);
  expect(JSON.parse((await ask()).stdout)).toMatchObject({ status: 422, errors: [{ at: '/commit' }] });
  expect(JSON.parse((await ask('-F', 'commit=deadbeef')).stdout)).toMatchObject({ verdict: 'accepted' });
  await stage.close();
});
