import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb } from '../../scripts/build-web.ts';
import { boardChapter } from '../../src/cli/demo/board-chapter.ts';
import type { Stage } from '../../src/cli/demo/chapter.ts';
import { setStage } from '../../src/cli/demo/stage.ts';

let stage: Stage;
let authorization: string;
beforeAll(async () => {
  await buildWeb();
  stage = await setStage({ port: 0, chapters: [] });
  const control = await readFile(join(stage.directory, 'data', 'control.json'), 'utf8');
  authorization = `Bearer ${(JSON.parse(control) as { token: string }).token}`;
}, 60_000);
afterAll(() => stage.close());

const ask = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${stage.service.url}${path}`, { redirect: 'manual', headers: { authorization, ...headers } });

describe('the pages', () => {
  it('bind the browser to this service alone', async () => {
    const answer = await ask('/journal');
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    );
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('have nothing inline, and files that are kept for ever', async () => {
    const shell = await (await ask('/')).text();
    expect(shell).not.toMatch(/<style|<script(?![^>]* src=)|style=|onclick/);
    const files = [...shell.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(match => match[1]!);
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      const answer = await ask(file);
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([
        200,
        'private, max-age=31536000, immutable',
      ]);
    }
  });

  it.each(['/assets/none.js', '/assets/..%2findex.html', '/assets/%2e%2e%2f%2e%2e%2fpackage.json', '/assets/x.exe'])(
    'do not lead to other files: %s',
    async path => {
      expect((await ask(path)).status).toBe(404);
    },
  );

  it('of any key are the shell, and unknown addresses are none', async () => {
    expect((await ask('/key/merge-request:acme/appliance!1')).status).toBe(200);
    expect((await ask('/elsewhere')).status).toBe(404);
  });
});

describe('the stream', () => {
  it('goes on behind the row that the browser has, and says where it is at once', async () => {
    await stage.service.engine.replay('webhooks:acme/appliance', 'one').catch(() => undefined);
    const { rows } = (await (await ask('/v1/journal?limit=500')).json()) as { rows: { seq: number }[] };
    const head = rows[0]?.seq ?? 0;
    const answer = await ask('/v1/events', { 'last-event-id': String(Math.max(0, head - 2)) });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    let text = '';
    const decoder = new TextDecoder();
    const wanted = Math.min(2, head);
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      if ((text.match(/^event: journal$/gm) ?? []).length >= wanted) break;
    }
    expect(text).toContain(`id: ${Math.max(0, head - 2)}\n`);
    const ids = [...text.matchAll(/^id: (\d+)\nevent: journal$/gm)].map(match => Number(match[1]));
    expect(ids).toEqual(wanted === 2 ? [head - 1, head] : [head].slice(0, wanted));
  });
});

describe('the journal', () => {
  it('is searched by what is asked, and tells what it cannot be asked', async () => {
    const { next, head } = (await (await ask('/v1/journal?text=nothing+like+it&brief=true')).json()) as Record<
      string,
      unknown
    >;
    expect(next).toBeNull();
    expect(head).toBeGreaterThanOrEqual(0);
    expect((await ask('/v1/journal?limit=0')).status).toBe(400);
    expect((await ask('/v1/journal?from=yesterday')).status).toBe(400);
    expect((await ask('/v1/journal/999999')).status).toBe(404);
  });
});

it('tells when the token of the service ends, so that somebody can be called before', async () => {
  const watched = await setStage({ port: 0, chapters: [boardChapter] });
  try {
    const answer = await fetch(`${watched.gitlabUrl}/api/v4/personal_access_tokens/self`, {
      headers: { 'private-token': 'glpat-sandbox-bot' },
    });
    const { expires_at } = (await answer.json()) as { expires_at: string };
    const control = await readFile(join(watched.directory, 'data', 'control.json'), 'utf8');
    const headers = { authorization: `Bearer ${(JSON.parse(control) as { token: string }).token}` };
    const line = /^signalbox_token_expiry_timestamp_seconds\{token="gitlab"\} (\d+)$/m;
    const told = async () => line.exec(await (await fetch(`${watched.service.url}/metrics`, { headers })).text())?.[1];
    await expect.poll(told).toBe(String(Date.parse(expires_at) / 1000));
    // As a browser opens one ahead, and sends nothing on it.
    const { port } = new URL(watched.service.url);
    const silent = connect(Number(port), '127.0.0.1').on('error', () => undefined);
    await once(silent, 'connect');
  } finally {
    const began = performance.now();
    await watched.close();
    expect(performance.now() - began).toBeLessThan(30_000);
  }
});
