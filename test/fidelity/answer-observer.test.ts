import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { onAnswer } from './answer-observer.ts';
import { haveSchemas } from './schemas.ts';

let directory: string;
let sandbox: Sandbox;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'answer-observer-'));
  const observer = join(directory, 'observer.mjs');
  await writeFile(observer, 'export const onAnswer = answer => { globalThis.observed = answer; };\n');
  vi.stubEnv('SIGNALBOX_SANDBOX_OBSERVER', observer);
  sandbox = await startSandbox();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await sandbox.close();
  await rm(directory, { recursive: true, force: true });
});

if (haveSchemas) {
  it('writes down what does not fit, for the version the schemas are of', async () => {
    const file = join(directory, 'faults.txt');
    vi.stubEnv('SIGNALBOX_ANSWER_FAULTS', file);
    const seen = { method: 'GET', route: '/users/:id', path: '/api/v4/users/1', query: '', status: 200 };
    onAnswer({ ...seen, body: {}, version: '16.11.0' });
    onAnswer({ ...seen, body: { id: 'one' }, version: '18.9.2' });
    expect(await readFile(file, 'utf8')).toMatch(/^GET \/api\/v4\/users\/1 -> user\/basic.json: /);
    expect(await readFile(file, 'utf8')).toContain('/id must be integer');
  });
}

it('is shown the answers of a sandbox that nobody told of it', async () => {
  const headers = { 'PRIVATE-TOKEN': 'glpat-sandbox-admin' };
  await fetch(`${sandbox.gitlab.url}/api/v4/users?per_page=2`, { headers });
  const { observed } = globalThis as unknown as { observed: { body: unknown[] } };
  expect(observed).toMatchObject({ route: '/users', query: '?per_page=2', status: 200, version: '18.9.2' });
  expect(observed.body).toHaveLength(2);
});
