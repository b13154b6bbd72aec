import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { goReport } from '../../src/automations/races/testing/reports.ts';
import { type RacesStage, setRacesStage, tokenOf, VIEWER } from './races-service-stage.ts';

// Against hanging, not against a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let stage: RacesStage;
beforeAll(async () => {
  stage = await setRacesStage();
});
afterAll(() => stage.close());

const VALVE = goReport('acme.example/pump.(*Valve).Open', 'acme.example/pump.(*Gauge).Read');

function post(body: string | object, options: { token?: string | null; type?: string; query?: string } = {}) {
  const { token = tokenOf('box-1'), type = 'application/json', query = '' } = options;
  return fetch(`${stage.service().url}/v1/races${query}`, {
    method: 'POST',
    headers: { 'content-type': type, ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

describe('who may report', () => {
  test.each([
    ['no token', { token: null }, {}, 401, 'SBX_RACE_SOURCE_UNKNOWN'],
    ['an unknown token', { token: 'nobody' }, {}, 401, 'SBX_RACE_SOURCE_UNKNOWN'],
    ["another source's name", {}, { source: 'box-2' }, 403, 'SBX_RACE_SOURCE_OTHER'],
  ])('%s is refused', async (_what, options, body, status, code) => {
    const answer = await post({ reports: [], ...body }, options);
    expect([answer.status, answer.headers.get('content-type')?.split(';')[0]]).toEqual([
      status,
      'application/problem+json',
    ]);
    expect(await answer.json()).toMatchObject({ code, status });
  });

  test('the token is looked at before the body', async () => {
    const answer = await post('x'.repeat(9 * 1024 * 1024), { token: 'nobody' }).catch(() => null);
    expect(answer?.status ?? 401).toBe(401);
  });
});

describe('what is sent', () => {
  test.each([
    ['no JSON', '{"reports":', 400],
    ['no list', { reports: 'many' }, 400],
    ['a report without text', { reports: [{ id: 'a' }] }, 400],
    ['a time that is none', { reports: [{ text: VALVE, first_seen: 'yesterday' }] }, 400],
    ['a count below one', { reports: [{ text: VALVE, count: 0 }] }, 400],
    ['more reports than a batch may have', { reports: Array.from({ length: 1001 }, () => ({ text: 'x' })) }, 400],
  ])('%s is refused, and says where', async (_what, body, status) => {
    const answer = await post(body);
    expect(answer.status).toBe(status);
    const problem = (await answer.json()) as { code: string; errors?: { at: string }[] };
    expect(problem.code).toBe('SBX_REQUEST_INVALID');
    if (typeof body !== 'string') expect(problem.errors?.[0]?.at).toMatch(/^reports/);
  });

  test('more than 8 MiB is 413', async () => {
    const answer = await post({ reports: [{ text: 'x'.repeat(9 * 1024 * 1024) }] });
    expect([answer.status, await answer.json()]).toMatchObject([413, { code: 'SBX_RACE_BATCH_TOO_LARGE' }]);
  });

  test('a piece of a log, as curl sends it, is enough; the same again is known', async () => {
    const log = `2026/11/23 10:00:00 pump started\n${VALVE}2026/11/23 10:00:01 pump stopped\n`;
    const options = { type: 'text/plain', query: '?build=5.4.1&log=/var/log/pump.log' };
    const first = await post(log, options);
    expect([first.status, await first.json()]).toMatchObject([202, { accepted: 1, known: 0 }]);
    const second = await post(log, options);
    expect([second.status, await second.json()]).toMatchObject([200, { accepted: 0, known: 1 }]);
  });

  test('a log without a report is 422', async () => {
    const answer = await post('grep -c "WARNING: DATA RACE" pump.log\n', { type: 'text/plain' });
    expect([answer.status, await answer.json()]).toMatchObject([422, { code: 'SBX_RACE_REPORT_UNREADABLE' }]);
  });

  test('in a batch, what cannot be read is listed', async () => {
    const answer = await post({
      reports: [
        { id: 'p', text: 'prose' },
        { id: 'q', text: VALVE },
      ],
    });
    expect([answer.status, await answer.json()]).toMatchObject([
      202,
      { accepted: 1, refused: [{ report: 0, reason: 'there is no race report in its text' }] },
    ]);
  });

  test('who sent it, and what came of it, is in the journal', async () => {
    const rows = await stage
      .service()
      .database.query.selectFrom('journal')
      .selectAll()
      .where('kind', '=', 'signal')
      .execute();
    expect(rows.map(row => JSON.parse(row.data))).toContainEqual(
      expect.objectContaining({ source: 'box-1', accepted: 1 }),
    );
  });
});

describe('what dashboards read', () => {
  const get = async (path: string, token: string) => {
    const answer = await fetch(`${stage.service().url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    return { status: answer.status, body: (await answer.json()) as Record<string, Record<string, unknown>[]> };
  };

  test('is for those who may look', async () => {
    expect((await get('/v1/races', tokenOf('box-1'))).status).toBe(401);
    expect((await get('/v1/races?limit=0', VIEWER)).status).toBe(400);
  });

  test('all races with their issues, and all boxes', async () => {
    await post({
      build: '5.4.1',
      heartbeat: { started_at: '2026-01-01T00:00:00Z' },
      reports: [{ id: 'z', text: VALVE }],
    });
    await stage.quiet();
    const { races } = (await get('/v1/races', VIEWER)).body;
    expect(races).toHaveLength(1);
    expect(races?.[0]).toMatchObject({
      title: 'Data race: (*Gauge).Read ↔ (*Valve).Open (pump)',
      boxes: ['box-1'],
      issue: { project: 'acme/appliance', state: 'opened' },
    });
    const { boxes } = (await get('/v1/races/boxes', VIEWER)).body;
    expect(boxes).toMatchObject([{ name: 'box-1', says_nothing: null, sessions: [{ build: '5.4.1', race: true }] }]);
  });
});
