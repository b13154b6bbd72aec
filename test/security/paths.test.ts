import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { shownBy, startWholeService, type WholeService } from '../support/whole-service.ts';

let whole: WholeService;
beforeAll(async () => {
  whole = await startWholeService();
});
afterAll(() => whole?.close());

const PLAIN = '.. ../.. ../../../../../../etc/passwd /etc/passwd ....//....//etc/passwd . ..;/x ~root .ssh -rf';
const ENCODED =
  '%2e%2e %2e%2e%2f%2e%2e%2fetc%2fpasswd ..%2f..%2fetc%2fpasswd ..%5c..%5cx %2fetc%2fpasswd %252e%252e%252f';
const ODD = '%00 index.js%00.png 5.4.1%00 %c0%ae%c0%ae%2f %uff0e%uff0e/ 5.4.1/../../x appliance%2f..%2f..%2fx';
const UP = `${PLAIN} ${ENCODED} ${ODD}`.split(' ');

/** As it stands: no client of ours puts it in order first. */
function ask(method: string, path: string, headers: Record<string, string> = {}, body = ''): Promise<[number, string]> {
  const { hostname, port } = new URL(whole.service.url);
  return new Promise((resolve, reject) => {
    const call = request({ hostname, port, method, path, headers }, response => {
      let text = '';
      response.on('data', chunk => {
        text += String(chunk);
      });
      response.on('end', () => resolve([response.statusCode ?? 0, text]));
    });
    call.on('error', reject);
    call.end(body);
  });
}

const files = async () =>
  (await readdir(whole.directory, { recursive: true })).filter(name => !/signalbox\.db|intake/.test(name)).toSorted();

it('leads nowhere outside by any part of an address', async () => {
  const before = await files();
  const parametered = whole.service.routes.filter(({ method, path }) => /[:*]/.test(path) && method !== 'HEAD');
  expect(parametered.length).toBeGreaterThan(15);
  const wrong: string[] = [];
  let n = 0;
  for (const { method, path } of parametered) {
    for (const each of UP) {
      n++;
      const address = path.replaceAll(/:[a-z]+\??|\*/gi, () => each);
      // Releases know their product's secret only, all else an operator.
      for (const holder of path.startsWith('/v1/uploads') || method === 'PUT'
        ? (['ci'] as const)
        : (['operator', 'ci'] as const)) {
        const headers = {
          authorization: `Bearer ${shownBy(holder)}`,
          'x-forwarded-for': `10.3.${n >> 8}.${n & 255}`,
          ...(method !== 'GET' && { 'content-type': 'application/json', 'tus-resumable': '1.0.0' }),
        };
        const [status, text] = await ask(method, address, headers, method === 'GET' ? '' : '{}');
        if (status >= 500 || /root:.*:0:0:/.test(text))
          wrong.push(`${method} ${address}: ${status} ${text.slice(0, 200)}`);
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(await files()).toEqual(before);
});

it('makes no release of a name that is more than a name', async () => {
  const before = await files();
  const md5 = '9e107d9d372bb6826bd81d3542a419d6';
  for (const each of [
    ...UP,
    '5.4',
    'v5.4.1',
    '5.4.1.',
    '05.4.1',
    'CON',
    '5.4.1 ',
    '5.4.1\\x',
    '5.4.1-',
    "5.4.1'",
    '5.4.1;x',
    '$(id)',
  ]) {
    const field = (name: string, value: string) =>
      `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const end = `--b\r\nContent-Disposition: form-data; name="file"; filename="${each}"\r\n\r\nx\r\n--b--\r\n`;
    const fields = { secret: shownBy('ci'), md5 };
    // As version, line, environment and file name.
    for (const [name, version] of [
      ['version', decodeURIComponentOr(each)],
      ['line', '5.4.1'],
      ['environment', '5.4.1'],
      ['nothing', '5.4.1'],
    ] as const) {
      const all = {
        ...fields,
        version,
        ...(name !== 'version' && name !== 'nothing' && { [name]: decodeURIComponentOr(each) }),
      };
      const body =
        Object.entries(all)
          .map(([key, value]) => field(key, value))
          .join('') + end;
      const headers = {
        'content-type': 'multipart/form-data; boundary=b',
        'content-length': `${Buffer.byteLength(body)}`,
      };
      const [status] = await ask('POST', '/v1/releases/appliance', headers, body);
      // What is no more than a name is refused for its digest, or as no TGZ, and nothing of it stays.
      expect([each, name, [400, 415, 422].includes(status)]).toEqual([each, name, true]);
    }
  }
  expect(await files()).toEqual(before);
});

function decodeURIComponentOr(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

it('lets nobody write a header of its answers, or a line of its log', async () => {
  const logged = whole.log.length;
  const forged = '%0d%0aSet-Cookie:%20injected=1%0d%0a%0d%0a<script>';
  const line = encodeURIComponent('\n{"level":"info","msg":"forged"}\r\n\u2028\u001b[2K');
  for (const attack of [forged, line]) {
    for (const path of [
      '/sign-in?next=/',
      '/sign-in/link/',
      '/sign-in/callback?error=',
      '/userscript/',
      '/v1/releases/appliance/',
      '/v1/explain?key=',
      '/',
    ]) {
      const answer = await fetch(`${whole.service.url}${path}${attack}`, {
        redirect: 'manual',
        headers: { authorization: `Bearer ${shownBy('operator')}`, 'x-forwarded-for': '10.4.0.1' },
      });
      await answer.text();
      expect([path, answer.headers.getSetCookie().join()]).toEqual([path, expect.not.stringContaining('injected')]);
      expect(answer.status).toBeLessThan(500);
    }
  }
  // Names of headers and events come from whoever sends webhooks.
  const event = Buffer.from('Push\u001b[2K {"level":"fatal"}').toString('latin1');
  await ask(
    'POST',
    '/hooks/gitlab',
    { 'x-gitlab-token': 'wrong', 'x-gitlab-event': event.replaceAll('\u001b', '') },
    '{}',
  );
  for (const text of whole.log.slice(logged)) {
    expect(text.endsWith('\n') && text.indexOf('\n') === text.length - 1).toBe(true);
    expect(JSON.parse(text)).toMatchObject({ level: expect.any(String), msg: expect.not.stringMatching(/^forged/) });
    expect(text.slice(0, -1)).not.toMatch(/\p{Cc}/u);
  }
});

it('takes no request that two readers would read as two', async () => {
  const { hostname, port } = new URL(whole.service.url);
  const smuggled = 'GET /v1/work HTTP/1.1\r\nHost: x\r\n\r\n';
  const heads = [
    'Content-Length: 5\r\nTransfer-Encoding: chunked',
    'Content-Length: 5\r\nContent-Length: 6',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
    'Transfer-Encoding: xchunked',
    'Content-Length: +5',
    'X: y\nZ: a',
    'Bad Header: x',
  ];
  for (const head of heads) {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      let text = '';
      socket.on('data', chunk => {
        text += String(chunk);
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(text));
      socket.end(`POST /hooks/gitlab HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n0\r\n\r\n${smuggled}`);
    });
    expect([head, answer.match(/^HTTP\/1\.1 (\d+)/)?.[1], answer.match(/HTTP\/1\.1/g)?.length]).toEqual([
      head,
      '400',
      1,
    ]);
  }
});
