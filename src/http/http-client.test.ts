import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { SignalboxError } from '../errors.ts';
import { HttpClient, type HttpClientOptions, type HttpRequest } from './http-client.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

type Step = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that plays one step for each request, the last one for all that follow; and a client for it. */
async function scene(steps: Step[], options: Partial<HttpClientOptions> = {}) {
  const requests: { method: string; url: string; headers: IncomingMessage['headers']; at: number; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', chunk => {
      body += String(chunk);
    });
    request.on('end', () => {
      requests.push({ method: request.method!, url: request.url!, headers: request.headers, at: Date.now(), body });
      steps[Math.min(requests.length, steps.length) - 1]!(request, response);
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}/api/v4`;
  const client = new HttpClient({ name: 'GitLab', baseUrl, headers: { 'private-token': 'glpat-secret' }, ...options });
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  closers.push(() => client.close());
  return { client, requests, server };
}

const status =
  (code: number, headers: Record<string, string> = {}, body = '{}'): Step =>
  (_request, response) =>
    void response.writeHead(code, headers).end(body);
const reset: Step = request => void request.socket.destroy();
const silence: Step = () => undefined;
const failure = (client: HttpClient, request: HttpRequest): Promise<SignalboxError> =>
  client.send(request).then(
    () => Promise.reject(new Error('it was expected to fail')),
    (error: unknown) => error as SignalboxError,
  );
const GET: HttpRequest = { method: 'GET', path: '/version' };
const POST: HttpRequest = { method: 'POST', path: '/notes', json: { body: 'x' } };

describe('a read', () => {
  it('goes below the base address with credential, lists and encoded parameters', async () => {
    const { client, requests } = await scene([status(200)]);
    await client.send({ ...GET, query: { a: 'x y&z', refs: ['1', '2'], none: undefined, n: 5 } });
    expect(requests[0]?.url).toBe('/api/v4/version?a=x+y%26z&refs%5B%5D=1&refs%5B%5D=2&n=5');
    expect(requests[0]?.headers).toMatchObject({ 'private-token': 'glpat-secret', accept: 'application/json' });
  });

  it.each([
    ['a 503', status(503)],
    ['a connection that broke', reset],
  ])('is repeated after %s', async (_what, step) => {
    const { client, requests } = await scene([step, status(200, {}, '"here"')]);
    expect((await client.send(GET)).body.toString()).toBe('"here"');
    expect(requests).toHaveLength(2);
  });

  it('is given up after three tries, as something that passes', async () => {
    const { client, requests } = await scene([status(502, {}, '<html><h1>Bad gateway</h1></html>')]);
    expect(await failure(client, GET)).toMatchObject({
      code: 'SBX_REMOTE_UNAVAILABLE',
      remoteStatus: 502,
      detail: 'GitLab: GET /version: 502 Bad gateway',
    });
    expect(requests).toHaveLength(3);
  });

  it('is not repeated where it was refused, unless the status was expected', async () => {
    const { client, requests } = await scene([status(404, {}, '{"message":"404 Project Not Found"}')]);
    const error = await failure(client, GET);
    expect(error).toMatchObject({ code: 'SBX_REMOTE_REFUSED', remoteStatus: 404 });
    expect(error.message).toContain('404 Project Not Found');
    expect(error.message).not.toContain('glpat-secret');
    expect((await client.send({ ...GET, expect: [404] })).status).toBe(404);
    expect(requests).toHaveLength(2);
  });

  it('ends when the caller aborts', async () => {
    const abort = new AbortController();
    const { client, requests } = await scene([() => abort.abort()]);
    await failure(client, { ...GET, signal: abort.signal });
    expect(requests).toHaveLength(1);
  });
});

/** An answer that begins and does not end, so many bytes every few milliseconds. */
const endless =
  (bytes: number, ended: () => void = () => undefined): Step =>
  (_request, response) => {
    const timer = setInterval(() => response.write(Buffer.alloc(bytes, 'x')), 20);
    response.on('close', () => {
      clearInterval(timer);
      ended();
    });
    response.writeHead(200, { 'content-type': 'application/json' });
  };

describe('a peer that does harm by being slow or large', () => {
  it('and sends a byte now and then gets no more time than one that sends nothing', async () => {
    const { client, requests } = await scene([endless(1)], { timeout: 300 });
    const error = await failure(client, GET);
    expect(error).toMatchObject({ code: 'SBX_REMOTE_UNREACHABLE', detail: 'GitLab: GET /version: no answer in time' });
    // Whoever waits for this one has waited long enough.
    expect(requests).toHaveLength(1);
    expect((await failure(client, POST)).code).toBe('SBX_REMOTE_UNCERTAIN');
  });

  it('and sends without an end is cut off, and not taken into memory', async () => {
    let ended = 0;
    const { client } = await scene([endless(100_000, () => ended++)], { longestAnswer: 1_000_000 });
    expect(await failure(client, GET)).toMatchObject({
      code: 'SBX_REMOTE_UNEXPECTED',
      detail: 'GitLab: GET /version: more than 1000000 bytes came',
    });
    // The change may have been made: that is looked for.
    expect((await failure(client, POST)).code).toBe('SBX_REMOTE_UNCERTAIN');
    await expect.poll(() => ended).toBe(2);
  });

  it('and hangs is not waited for by everybody: after three calls the others fail at once', async () => {
    const { client, requests } = await scene([silence], { timeout: 200 });
    for (let n = 0; n < 3; n++) await failure(client, GET);
    for (const request of [GET, POST]) {
      const error = await failure(client, request);
      // Nothing was sent: so a write may be repeated.
      expect(error).toMatchObject({ code: 'SBX_REMOTE_UNREACHABLE', retryAt: expect.any(Number) });
      expect(error.detail).toContain('did not answer the last 3 calls');
    }
    expect(requests).toHaveLength(3);
  });
});

describe('a write', () => {
  it.each([
    ['a 502', status(502)],
    ['a 500', status(500)],
    ['a connection that broke', reset],
    ['no answer in time', silence],
  ])('is never repeated after %s: its fate is open', async (_what, step) => {
    for (const method of ['POST', 'PUT', 'DELETE'] as const) {
      const { client, requests } = await scene([step, status(201)], { timeout: 300 });
      expect((await failure(client, { ...POST, method })).code).toBe('SBX_REMOTE_UNCERTAIN');
      expect(requests).toHaveLength(1);
    }
  });

  it('that found nobody listening was not sent, and says so', async () => {
    const { client, server } = await scene([status(201)]);
    await new Promise(resolve => server.close(resolve));
    expect((await failure(client, POST)).code).toBe('SBX_REMOTE_UNREACHABLE');
  });

  it('that was refused is certain', async () => {
    const { client, requests } = await scene([status(422, {}, '{"message":{"note":["is too long"]}}')]);
    const error = await failure(client, POST);
    expect(error.code).toBe('SBX_REMOTE_REFUSED');
    expect(error.detail).toContain('{"note":["is too long"]}');
    expect(requests[0]?.body).toBe('{"body":"x"}');
    expect(requests).toHaveLength(1);
  });
});

describe('a 429', () => {
  it('with a short wait is waited out, for a write as well: it was not carried out', async () => {
    const { client, requests } = await scene([status(429, { 'retry-after': '1' }), status(201)]);
    expect((await client.send(POST)).status).toBe(201);
    expect(requests).toHaveLength(2);
    expect(requests[1]!.at - requests[0]!.at).toBeGreaterThanOrEqual(990);
  });

  it('with a long wait lets the key go until then, and asks nothing more before', async () => {
    let now = Date.now();
    const { client, requests } = await scene([status(429, { 'retry-after': '20' }), status(200)], { now: () => now });
    expect(await failure(client, POST)).toMatchObject({ code: 'SBX_REMOTE_THROTTLED', retryAt: now + 20_000 });
    expect(await failure(client, GET)).toMatchObject({ code: 'SBX_REMOTE_THROTTLED', retryAt: now + 20_000 });
    expect(requests).toHaveLength(1);
    now += 20_000;
    expect((await client.send(GET)).status).toBe(200);
  });

  it('with a wait of days is not believed', async () => {
    const now = Date.now();
    const { client } = await scene([status(429, { 'retry-after': '864000' })], { now: () => now });
    expect((await failure(client, GET)).retryAt).toBe(now + 15 * 60_000);
  });
});

describe('the budget', () => {
  const limits = (remaining: number, resetAt: number) =>
    status(200, { 'ratelimit-limit': '100', 'ratelimit-remaining': `${remaining}`, 'ratelimit-reset': `${resetAt}` });

  it('that is used up is not overdrawn', async () => {
    const now = 1_700_000_000_000;
    const { client, requests } = await scene([limits(0, now / 1000 + 30)], { now: () => now });
    await client.send(GET);
    expect(client.budget.remaining).toBe(0);
    expect(await failure(client, GET)).toMatchObject({ code: 'SBX_REMOTE_THROTTLED', retryAt: now + 30_000 });
    expect(requests).toHaveLength(1);
  });

  it('that runs low is spread over the time until it is filled again', async () => {
    const now = 1_700_000_000_000;
    const { client } = await scene([limits(4, now / 1000 + 50)], { now: () => now });
    await client.send(GET);
    await client.send(GET);
    expect((await failure(client, GET)).retryAt).toBe(now + 10_000);
  });

  it('lets nobody wait because the clock was set back', async () => {
    let now = 1_700_000_000_000;
    const steps = [limits(0, now / 1000 + 30), status(200), status(429, { 'retry-after': '60' }), status(200)];
    const { client, requests } = await scene(steps, { now: () => now });
    await client.send(GET);
    now -= 3_600_000;
    await client.send(GET);
    expect(await failure(client, GET)).toMatchObject({ code: 'SBX_REMOTE_THROTTLED' });
    now -= 3_600_000;
    await client.send(GET);
    expect(requests).toHaveLength(4);
  });

  it('that is ample holds nothing up', async () => {
    const { client, requests } = await scene([limits(90, Date.now() / 1000 + 50)]);
    await Promise.all(Array.from({ length: 30 }, () => client.send(GET)));
    expect(requests).toHaveLength(30);
  });
});

it('has no more requests under way at once than it was told', async () => {
  let open = 0;
  let most = 0;
  const { client } = await scene(
    [
      (_request, response) => {
        most = Math.max(most, ++open);
        setImmediate(() => {
          open--;
          response.end('{}');
        });
      },
    ],
    { concurrency: 3 },
  );
  await Promise.all(Array.from({ length: 20 }, () => client.send(GET)));
  expect(most).toBeLessThanOrEqual(3);
});
