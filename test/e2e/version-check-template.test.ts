import { execFile, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { person } from '../support/sandbox-client.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = join(root, 'node_modules/gitlab-ci-local/dist/index.js');
const hasRsync = spawnSync('rsync', ['--version']).status === 0;
if (!hasRsync) {
  if (process.env['CI']) throw new Error('rsync is missing, without which gitlab-ci-local cannot run the template');
  console.warn('NOT RUN: rsync is missing (Debian: apt-get install rsync), so templates/version-check.yml was not run');
}

const exec = promisify(execFile);

/** A checkout whose pipeline uses the template, once as a blocking job. */
async function checkout(gitlabUrl: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'version-check-template-'));
  const git = (...args: string[]) =>
    exec('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], {
      cwd: directory,
      env: { PATH: process.env['PATH'], HOME: directory, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' },
    });
  const origin = `${gitlabUrl}/acme/appliance.git`;
  await git('clone', '-q', origin.replace('http://', 'http://maintainer:glpat-sandbox-maintainer@'), '.');
  mkdirSync(join(directory, 'templates'));
  copyFileSync(join(root, 'templates/version-check.yml'), join(directory, 'templates/version-check.yml'));
  const job = (
    name: string,
    blocking: boolean,
  ) => `  - component: $CI_SERVER_FQDN/acme/appliance/version-check@$CI_COMMIT_SHA
    inputs: { job-name: ${name}, image: node:24, blocking: ${blocking}, command: '${process.execPath} ${join(root, 'bin/signalbox.js')}' }
`;
  writeFileSync(join(directory, '.gitlab-ci.yml'), `include:\n${job('look', false)}${job('block', true)}`);
  writeFileSync(
    join(directory, '.signalbox.yaml'),
    `service: { data_dir: .signalbox-data }
gitlab: { url: "${gitlabUrl}", token: { env: SIGNALBOX_GITLAB_TOKEN }, webhook: { secret_tokens: [ { env: NO_HOOK } ] } }
lines: [ { name: "5.5", branch: main }, { name: "5.4", branch: release/5.4 }, { name: "5.3", branch: release/5.3 } ]
version_check: { projects: { acme/appliance: { version: [ { file: VERSION } ] } } }
`,
  );
  await git('add', '-A');
  await git('commit', '-q', '-m', 'Use the version check component');
  await git('push', '-q', 'origin', 'HEAD');
  await git('remote', 'set-url', 'origin', origin);
  await git('remote', 'set-head', 'origin', 'main');
  return directory;
}

async function run(directory: string, job: string): Promise<{ ok: boolean; output: string }> {
  const variables = {
    CI_PIPELINE_SOURCE: 'merge_request_event',
    CI_MERGE_REQUEST_IID: '1',
    CI_PROJECT_PATH: 'acme/appliance',
    SIGNALBOX_GITLAB_TOKEN: 'glpat-sandbox-read',
  };
  const args = Object.entries(variables).flatMap(([name, value]) => ['--variable', `${name}=${value}`]);
  const options = {
    cwd: directory,
    env: { PATH: `${dirname(process.execPath)}:${process.env['PATH']}`, HOME: directory },
    timeout: 90_000,
  };
  try {
    const { stdout, stderr } = await exec(process.execPath, [program, job, '--force-shell-executor', ...args], options);
    return { ok: true, output: stdout + stderr };
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return { ok: false, output: stdout + stderr };
  }
}

it.runIf(hasRsync)(
  'says what the version check thinks, fails where it is told so, and changes nothing',
  async () => {
    const sandbox = await startSandbox();
    const directory = await checkout(sandbox.gitlab.url);
    try {
      const developer = person(sandbox.gitlab.url, 'developer');
      const request = { source_branch: 'feature/backup-share', target_branch: 'release/5.3', title: 'Share backups' };
      expect((await developer.post('/projects/1/merge_requests', request)).status).toBe(201);
      await sandbox.settled();
      const look = await run(directory, 'look');
      expect(look.output).toContain('merge-request:acme/appliance!1: blocked: 5.4 into 5.3');
      expect(look.ok).toBe(true);
      const block = await run(directory, 'block');
      expect(block.output).toContain('blocked: 5.4 into 5.3');
      expect(block.ok).toBe(false);
      expect((await developer.get('/projects/1/merge_requests/1/discussions')).body).toEqual([]);
      await developer.put('/projects/1/merge_requests/1', { target_branch: 'release/5.4' });
      await sandbox.settled();
      const after = await run(directory, 'block');
      expect(after.output).toContain('ok: 5.4 into 5.4');
      expect(after.ok).toBe(true);
    } finally {
      await sandbox.close();
      rmSync(directory, { recursive: true, force: true });
    }
  },
  240_000,
);
