import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { clientOf } from '../../sandbox/gitlab/test-client.ts';
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts';
import { examine } from './examine.ts';

const PROJECT = '/projects/acme%2Fappliance';
let sandbox: Sandbox;
let directory: string;
beforeEach(async () => {
  sandbox = await startSandbox();
  directory = await mkdtemp(join(tmpdir(), 'signalbox-doctor-'));
  for (const [name, value] of Object.entries({ token: 'glpat-sandbox-bot', hook: 'x', box: 'y' })) {
    await writeFile(join(directory, name), value, { mode: 0o600 });
  }
});
afterEach(async () => {
  await sandbox.close();
  await rm(directory, { recursive: true });
});

async function checks(races: string, fix = false) {
  const file = join(directory, 'signalbox.yaml');
  await writeFile(
    file,
    `service: { data_dir: ${directory}/data }
gitlab: { url: "${sandbox.gitlab.url}", token: { file: token }, webhook: { secret_tokens: [ { file: hook } ] } }
races: { project: acme/appliance, ${races} }
`,
  );
  const all = await examine(file, { fix });
  return (name: string) => all.find(check => check.name === `acme/appliance ${name}`);
}

const SOURCES = 'sources: [ { name: box-1, token: { file: box } } ]';

it('finds nothing to say about what is as it should be', async () => {
  const found = await checks(SOURCES);
  expect(found('race label')).toMatchObject({ status: 'OK', detail: '"race condition"' });
  expect(found('race sources')).toBeUndefined();
  expect(found('race suppressions')).toMatchObject({ status: 'OK' });
  expect(found('role')).toMatchObject({ status: 'OK' });
});

it('says that the label is missing, and creates it only when asked to', async () => {
  const label = 'label: soak race';
  expect((await checks(`${SOURCES}, ${label}`))('race label')).toMatchObject({
    status: 'FAIL',
    detail: 'there is no label "soak race"',
  });
  expect((await checks(`${SOURCES}, ${label}`, true))('race label')).toMatchObject({ status: 'OK' });
  expect((await checks(`${SOURCES}, ${label}`))('race label')).toMatchObject({ status: 'OK' });
});

it('says that nobody may report, and what is wrong in the suppression file', async () => {
  const actions = [{ action: 'create', file_path: '.signalbox/races.yml', content: '- { site: "*" }\n' }];
  const commit = { branch: 'main', commit_message: 'Suppress all', actions };
  await clientOf(sandbox)('maintainer', 'POST', `${PROJECT}/repository/commits`, commit);
  const found = await checks('sources: []');
  expect(found('race sources')).toMatchObject({ status: 'WARN' });
  expect(found('race suppressions')).toMatchObject({ status: 'WARN' });
  expect(found('race suppressions')?.detail).toContain('.signalbox/races.yml: entry 1: reason');
});
