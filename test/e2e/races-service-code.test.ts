import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { goReport } from '../../src/automations/races/testing/reports.ts';
import { PROJECT, type RacesStage, setRacesStage } from './races-service-stage.ts';

// Against hanging, not against a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let stage: RacesStage;
beforeEach(async () => {
  stage = await setRacesStage();
});
afterEach(() => stage.close());

async function commit(files: Record<string, string>): Promise<string> {
  const actions = Object.entries(files).map(([path, content]) => ({ action: 'create', file_path: path, content }));
  const body = { branch: 'main', commit_message: 'Add the pump', actions };
  return (await stage.must('maintainer', 'POST', `${PROJECT}/repository/commits`, body)).id;
}

let next = 0;
async function seen(text: string, build: string | null = null): Promise<string> {
  const { body } = await stage.report('box-1', { reports: [{ id: `${next++}`, text, build }] });
  await stage.quiet();
  return body.races[0]?.fingerprint ?? '';
}

const VALVE = goReport('acme.example/pump.(*Valve).Open', 'acme.example/pump.(*Gauge).Read');
const built = (directory: string) => VALVE.replaceAll('/srv/build/', directory);
const GO = 'package pump\n';

test.each([
  ['a checkout on a build machine', '/builds/acme/appliance/internal/'],
  ['a build with -trimpath', 'acme.example/appliance/internal/'],
])("links lead to the lines at the box's commit, and owners are suggested: %s", async (_how, directory) => {
  const old = await commit({
    'internal/pump/valve.go': GO,
    'internal/pump/gauge.go': GO,
    CODEOWNERS: '* @everybody\n/internal/pump/ @acme/pump @ada\n',
  });
  await commit({ 'internal/other.go': GO });
  await seen(built(directory), `5.5.0-3-g${old.slice(0, 10)}`);
  const [issue] = await stage.issues();
  for (const line of ['valve.go#L41', 'gauge.go#L77']) {
    expect(issue?.description).toContain(`/acme/appliance/-/blob/${old}/internal/pump/${line})`);
  }
  expect(issue?.description).toContain('Suggested owner: `@acme/pump` (CODEOWNERS: /internal/pump/ for');
  expect(issue?.description).toContain('`@ada`');
  expect(issue?.description).not.toContain('@everybody');
});

test('without CODEOWNERS, who last changed the lines is suggested', async () => {
  const lines = 'package pump\n'.padEnd(400, '\n');
  const head = await commit({ 'pump/valve.go': lines, 'pump/gauge.go': lines });
  await seen(built('/builds/acme/appliance/'), head);
  const [issue] = await stage.issues();
  expect(issue?.description).toMatch(/Suggested owner: `Maintainer` \(.*last changed.*pump\/valve\.go:41/);
});

test('a race inside a library gets the second label, and a text for its maintainers', async () => {
  const inLibrary = (type: string) =>
    goReport(`github.com/acme/lib.(*${type}).Set`, `github.com/acme/lib.(*${type}).Get`).replaceAll(
      '/srv/build/pump/',
      '/root/go/pkg/mod/github.com/acme/lib@v1.2.3/',
    );
  await seen(inLibrary('Cache'));
  // The label does not exist, and none is created behind the project's back.
  expect((await stage.issues()).map(issue => issue.labels)).toEqual([['race condition']]);
  await stage.must('maintainer', 'POST', `${PROJECT}/labels`, { name: 'dependency', color: '#aaaaaa' });
  stage.forward(60_000);
  await seen(inLibrary('Queue'));
  const [, issue] = await stage.issues();
  expect(issue?.labels).toEqual(['dependency', 'race condition']);
  expect(issue?.description).toContain('Both sides are in the library `github.com/acme/lib`, `v1.2.3`');
});

test('what the suppression file names is counted and not filed, and a fault in the file is told', async () => {
  await commit({
    '.signalbox/races.yml': `- { site: "acme.example/pump.(*Valve).*", reason: only the log level, owner: ada, until: 2099-01-01 }
- { site: "*" }
`,
  });
  const fingerprint = await seen(VALVE);
  expect(await stage.issues()).toEqual([]);
  const explanation = await stage.explain(`race:${fingerprint}`);
  expect(explanation?.decision?.verdict).toBe('suppressed: record');
  expect(explanation?.decision?.because.join(' ')).toMatch(/ada suppressed it until 2099-01-01: only the log level\./);
  expect(explanation?.decision?.because.join(' ')).toContain('.signalbox/races.yml: entry 2: reason');
});
