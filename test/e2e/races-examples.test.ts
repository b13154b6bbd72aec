import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { goReport } from '../../src/automations/races/testing/reports.ts';
import { register } from '../../src/cli/commands/races.ts';
import { type RaceReceiver, receiveRaces } from '../support/race-receiver.ts';
import { runToEnd } from '../support/run-scan.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let folder = '';
let service: RaceReceiver;
const at = (name: string): string => join(folder, name);
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'races-examples-'));
  service = await receiveRaces();
});
afterEach(async () => {
  await service.close();
  rmSync(folder, { recursive: true });
});

interface Job {
  variables: Record<string, string>;
  script: string[];
}

/** The job of the component, as GitLab makes it with these inputs. */
function job(inputs: Record<string, string>): Job {
  const text = readFileSync(join(ROOT, 'templates/races.yml'), 'utf8');
  const [head, body] = parseAllDocuments(text).map(document => document.toJS() as Record<string, unknown>);
  const { inputs: known } = (head as { spec: { inputs: Record<string, { default: unknown }> } }).spec;
  const filled = JSON.stringify(body).replaceAll(/\$\[\[ inputs\.([\w-]+) \]\]/g, (_all, name: string) => {
    const input = known[name];
    if (input === undefined) throw new Error(`the template uses an input it does not have: ${name}`);
    return String(inputs[name] ?? input.default);
  });
  return (JSON.parse(filled) as Record<string, Job>)['races'] as Job;
}

describe('the component for pipelines', () => {
  async function run(inputs: Record<string, string>, environment: Record<string, string>) {
    const { script, variables } = job(inputs);
    writeFileSync(at('signalbox'), `#!/bin/sh\nexec "${process.execPath}" "${ROOT}bin/signalbox.js" "$@"\n`);
    chmodSync(at('signalbox'), 0o755);
    const pipeline = { CI_COMMIT_SHA: 'f'.repeat(40), CI_PROJECT_PATH: 'acme/appliance', CI_PIPELINE_ID: '42' };
    const env = { HOME: folder, PATH: `${folder}:${process.env['PATH']}`, ...pipeline, ...variables, ...environment };
    return await runToEnd('sh', ['-eu', '-c', script.join('\n')], { cwd: folder, env });
  }
  const found = (): unknown => JSON.parse(readFileSync(at('races.json'), 'utf8'));

  it('sends what the tests left, with the commit as build', async () => {
    writeFileSync(at('unit.log'), goReport('a.b/c.F', 'a.b/c.G'));
    writeFileSync(at('soak.log'), goReport('a.b/c.F', 'a.b/c.H'));
    const env = { SIGNALBOX_URL: service.url, SIGNALBOX_RACES_TOKEN: 'ci-token' };
    const { code, err } = await run({ logs: '*.log' }, env);
    expect(code, err).toBe(0);
    expect(found()).toMatchObject({ files: 2, sent: { reports: 2 } });
    expect([...service.tokens]).toEqual(['Bearer ci-token']);
    expect(service.bodies[0]).toMatchObject({
      host: 'ci/acme/appliance',
      reports: [{ build: 'f'.repeat(40) }, { build: 'f'.repeat(40) }],
    });
  });

  it('only looks where there is no service, and fails when it is told to', async () => {
    writeFileSync(at('unit.log'), goReport('a.b/c.F', 'a.b/c.G'));
    const quiet = await run({}, {});
    expect(quiet.code, quiet.err).toBe(0);
    expect(found()).toMatchObject({ races: [{ count: 1 }], sent: null });
    expect((await run({ 'fail-on-race': 'true' }, {})).code).toBe(1);
    expect(service.bodies).toHaveLength(0);
  });
});

it('the systemd unit names options that exist, and systemd takes it where it is installed', async () => {
  const unit = join(ROOT, 'examples/systemd/signalbox-races.service');
  const command = /^ExecStart=((?:[^\\\n]|\\\n)*)$/m.exec(readFileSync(unit, 'utf8'))?.[1] ?? '';
  const words = command.replaceAll(/\\\n/g, ' ').trim().split(/\s+/).slice(1);
  const program = new Command('signalbox').exitOverride();
  register(program);
  const scan = program.commands[0]?.commands[0];
  let options: Record<string, unknown> = {};
  scan?.action((_paths: string[], given: Record<string, unknown>) => {
    options = given;
  });
  await program.parseAsync(words, { from: 'user' });
  expect(options).toMatchObject({ tokenFile: '%d/box.token', heartbeat: true, runningSince: 'appliance.service' });
  const verified = spawnSync('systemd-analyze', ['verify', unit.replace('.service', '.timer'), unit], {
    encoding: 'utf8',
  });
  if (verified.error !== undefined) {
    console.warn('NOT RUN: systemd is not installed; its own check of the units did not run.');
    return;
  }
  // The program is not installed where tests run; everything else has to be right.
  const faults = verified.stderr.split('\n').filter(line => line !== '' && !line.includes('is not executable'));
  expect(faults).toEqual([]);
});
