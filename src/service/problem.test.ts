import { afterAll, beforeAll, expect, it } from 'vitest';
import { SignalboxError } from '../errors.ts';
import type { Service } from './compose.ts';
import { createFailureLog } from './log-failures.ts';
import { toProblem } from './problem.ts';
import { OPERATOR, startSmallService } from './testing.ts';

const lines: string[] = [];
let stage: Awaited<ReturnType<typeof startSmallService>>;
let service: Service;

beforeAll(async () => {
  stage = await startSmallService(line => lines.push(line));
  service = stage.service;
});
afterAll(() => stage.remove());

it('says nothing of the system where storage fails, to whoever asks', () => {
  const address = 'connect ECONNREFUSED 127.0.0.1:9543';
  for (const code of ['SBX_DATABASE_UNAVAILABLE', 'SBX_ARTIFACTS_UNREACHABLE', 'SBX_INTAKE_NOT_STORED'] as const) {
    const problem = toProblem(new SignalboxError(code, address), 'one');
    expect(problem).toMatchObject({ code, status: 503, detail: 'the log says more' });
    expect(JSON.stringify(problem)).not.toContain('9543');
  }
  expect(toProblem(new SignalboxError('SBX_KEY_NEVER_SEEN', 'issue:a#1'), 'one').detail).toBe('issue:a#1');
});

it('writes what storage said into the log, once a minute', () => {
  let now = 0;
  const said: unknown[] = [];
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (_: string, fields?: object) => said.push(fields),
  };
  const failed = createFailureLog(log, () => now);
  const request = { id: 'one', method: 'GET', route: '/readyz' };
  const away = new SignalboxError('SBX_DATABASE_UNAVAILABLE', 'connect ECONNREFUSED');
  for (now of [0, 1000, 59_999, 60_000]) failed(away, request);
  failed(new SignalboxError('SBX_KEY_NEVER_SEEN', 'issue:a#1'), request);
  const line = { request_id: 'one', method: 'GET', route: '/readyz', code: away.code, detail: away.detail };
  expect(said).toEqual([expect.objectContaining(line), expect.objectContaining(line)]);
});

it('writes a line for each request that met a mistake of ours, which the answer names', async () => {
  const journal = 'journal_of_before';
  await service.database.query.schema.alterTable('journal').renameTo(journal).execute();
  const answer = await fetch(`${service.url}/v1/journal?text=s3cret`, {
    headers: { authorization: `Bearer ${OPERATOR}` },
  });
  await service.database.query.schema.alterTable(journal).renameTo('journal').execute();
  const problem = (await answer.json()) as { code: string; instance: string };
  expect([answer.status, problem.code]).toEqual([500, 'SBX_INTERNAL']);
  expect(JSON.stringify(problem)).not.toContain('no such table');
  const id = answer.headers.get('x-request-id');
  const written = lines.filter(line => line.includes(String(id))).map(line => JSON.parse(line) as object);
  expect(written).toEqual([
    expect.objectContaining({
      level: 'error',
      request_id: id,
      method: 'GET',
      route: '/v1/journal',
      error: expect.stringContaining('no such table: journal'),
    }),
  ]);
  expect(JSON.stringify(written)).not.toContain('s3cret');
});

it.each([
  ['GET', '/v1/journal?text=%00'],
  ['GET', '/v1/journal?key=a%00b'],
  ['GET', '/v1/explain?key=%00'],
  ['POST', '/v1/work/a%00/replay'],
  ['GET', '/sign-in?next=%00'],
  ['GET', '/%00'],
  ['POST', '/hooks/gitlab?%00'],
])('refuses %s %s: no address has a NUL', async (method, path) => {
  const headers = { authorization: `Bearer ${OPERATOR}` };
  const answer = await fetch(`${service.url}${path}`, { method, headers });
  expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ code: 'SBX_REQUEST_INVALID' })]);
});
