import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { clientOf } from '../../src/sandbox/gitlab/test-client.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { type Service, startService } from '../../src/service/compose.ts';

interface SentSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  status: { code?: number };
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[];
}

let sandbox: Sandbox;
let directory: string;
let service: Service | undefined;
let collector: Server;
let spans: SentSpan[];
let raw: string;

beforeEach(async () => {
  spans = [];
  raw = '';
  sandbox = await startSandbox();
  directory = await mkdtemp(join(tmpdir(), 'signalbox-traces-'));
  await writeFile(join(directory, 'token'), 'glpat-sandbox-bot');
  await writeFile(join(directory, 'hook'), 'the-hook-secret');
  collector = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      raw += body;
      const sent = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: SentSpan[] }[] }[] };
      spans.push(...sent.resourceSpans.flatMap(each => each.scopeSpans.flatMap(scope => scope.spans)));
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{}');
    });
  });
  await new Promise<void>(resolve => collector.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await service?.stop();
  service = undefined;
  await sandbox.close();
  collector.closeAllConnections();
  collector.close();
  await rm(directory, { recursive: true, force: true });
});

async function serve(otlp: string): Promise<Service> {
  const file = join(directory, 'signalbox.yaml');
  await writeFile(
    file,
    `service: { listen: "127.0.0.1:0", data_dir: data, traces: { otlp: "${otlp}" } }
gitlab: { url: "${sandbox.gitlab.url}", token: { file: token }, webhook: { secret_tokens: [ { file: hook } ] } }
lines: [ { name: "5.5", branch: main }, { name: "5.4", branch: release/5.4 }, { name: "5.3", branch: release/5.3 } ]
version_check: { projects: { acme/appliance: { version: [ { file: VERSION } ] } } }
`,
  );
  const { settings } = await loadConfig(file, { environment: {} });
  service = await startService({
    settings,
    environment: {},
    writeLog: () => undefined,
    pace: { settle: 20, spacing: 50 },
  });
  return service;
}

/** A merge request that gets a thread. */
async function blocked(running: Service): Promise<void> {
  const call = clientOf(sandbox);
  const hook = { url: `${running.url}/hooks/gitlab`, token: 'the-hook-secret', merge_requests_events: true };
  await call('admin', 'POST', '/projects/1/hooks', hook);
  const merge = { source_branch: 'feature/backup-share', target_branch: 'release/5.3', title: 'Share' };
  const { iid } = (await call('developer', 'POST', '/projects/1/merge_requests', merge)).body;
  const status = async () =>
    (await call('developer', 'GET', `/projects/1/merge_requests/${iid}`)).body.detailed_merge_status;
  await expect.poll(status, { timeout: 20_000 }).toBe('discussions_not_resolved');
}

const attribute = (span: SentSpan, name: string) => {
  const value = span.attributes.find(({ key }) => key === name)?.value;
  return value?.stringValue ?? value?.intValue;
};

it('shows a look with what it read and did, each request within what asked for it', async () => {
  const { port } = collector.address() as AddressInfo;
  await blocked(await serve(`http://127.0.0.1:${port}`));
  // What is waiting is sent when the service stops.
  await service?.stop();
  service = undefined;
  const parentOf = (span: SentSpan) => spans.find(({ spanId }) => spanId === span.parentSpanId);
  const effect = spans.find(span => span.name === 'effect');
  const look = effect && parentOf(effect);
  expect(look).toMatchObject({ name: 'look', traceId: effect?.traceId });
  expect(attribute(look!, 'signalbox.key')).toMatch(/^merge-request:acme\/appliance!\d+$/);
  const requests = spans.filter(span => attribute(span, 'http.request.method') !== undefined);
  // This test asks the simulated GitLab itself, in the same process.
  const posts = requests.filter(span => span.name === 'POST' && span.traceId === look?.traceId);
  expect(posts.length).toBeGreaterThan(0);
  expect(posts.map(span => parentOf(span)?.name)).toEqual(posts.map(() => 'effect'));
  const reads = requests.filter(span => span.traceId === look?.traceId && span.name === 'GET');
  expect(reads.length).toBeGreaterThan(3);
  for (const read of reads) expect(parentOf(read)?.name).toMatch(/^(look|effect)$/);
  expect(attribute(posts[0]!, 'http.response.status_code')).toBe(201);
  expect(spans.some(span => span.name === 'delivery' && attribute(span, 'signalbox.source') === 'gitlab')).toBe(true);
  for (const secret of ['glpat-sandbox-bot', 'the-hook-secret']) expect(raw).not.toContain(secret);
});

it('costs nothing but spans where the collector is away', async () => {
  const running = await serve('http://127.0.0.1:9');
  await blocked(running);
  const began = performance.now();
  await running.stop();
  service = undefined;
  expect(performance.now() - began).toBeLessThan(15_000);
});
