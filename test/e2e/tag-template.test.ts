import { execFile, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { startIssuer } from '../support/id-tokens.ts';
import { person } from '../support/sandbox-client.ts';
import { setLibraryStage } from './library-stage.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = join(root, 'node_modules/gitlab-ci-local/dist/index.js');
const hasRsync = spawnSync('rsync', ['--version']).status === 0;
if (!hasRsync) {
  if (process.env['CI']) throw new Error('rsync is missing, without which gitlab-ci-local cannot run the template');
  console.warn('NOT RUN: rsync is missing (Debian: apt-get install rsync), so templates/tag.yml was not run');
}

const exec = promisify(execFile);

/** A checkout of acme/lib-ssh whose pipeline uses the template as a component, and a later job that uses the tag. */
async function checkout(
  gitlabUrl: string,
  inputs = '',
): Promise<{ directory: string; git: (...args: string[]) => Promise<string> }> {
  const directory = mkdtempSync(join(tmpdir(), 'tag-template-'));
  const origin = `${gitlabUrl}/acme/lib-ssh.git`;
  const git = async (...args: string[]): Promise<string> => {
    const identity = ['-c', 'user.name=Ada Lovelace', '-c', 'user.email=ada@example.com'];
    const env = { PATH: process.env['PATH'], HOME: directory, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };
    return (await exec('git', [...identity, ...args], { cwd: directory, env })).stdout.trim();
  };
  const withToken = origin.replace('http://', 'http://maintainer:glpat-sandbox-maintainer@');
  await git('clone', '-q', withToken, '.');
  mkdirSync(join(directory, 'templates'));
  copyFileSync(join(root, 'templates/tag.yml'), join(directory, 'templates/tag.yml'));
  writeFileSync(
    join(directory, '.gitlab-ci.yml'),
    `include:
  - component: $CI_SERVER_FQDN/acme/lib-ssh/tag@$CI_COMMIT_SHA
    inputs:
      image: node:24
      command: '${process.execPath} ${join(root, 'bin/signalbox.js')}'
      job-name: tag-library
      stage: build${inputs}
publish:
  stage: deploy
  image: node:24
  needs: [tag-library]
  script:
    - printf '%s|%s|%s|%s|%s' "$TAG" "$VERSION" "$PREVIOUS_TAG" "$TAG_CREATED" "$TAG_REASON" > published.txt
  artifacts:
    paths: [published.txt]
`,
  );
  await git('add', '-A');
  await git('commit', '-q', '-m', 'Use the tag component');
  await git('push', '-q', 'origin', 'main');
  await git('remote', 'set-url', 'origin', origin);
  await git('remote', 'set-head', 'origin', 'main');
  return { directory, git };
}

const USER = { GITLAB_USER_LOGIN: 'developer' };

async function runPipeline(
  directory: string,
  variables: Record<string, string>,
  more: readonly string[] = [],
): Promise<string> {
  const args = Object.entries(variables).flatMap(([name, value]) => ['--variable', `${name}=${value}`]);
  const { stdout, stderr } = await exec(process.execPath, [program, '--force-shell-executor', ...args, ...more], {
    cwd: directory,
    env: { PATH: `${dirname(process.execPath)}:${process.env['PATH']}`, HOME: directory },
    timeout: 90_000,
  });
  return stdout + stderr;
}

describe.runIf(hasRsync)(`templates/tag.yml${hasRsync ? '' : ' (NOT RUN: rsync is missing)'}`, () => {
  it('tags the library in a pipeline, and hands the tag to later jobs', async () => {
    const sandbox = await startSandbox();
    const { directory, git } = await checkout(sandbox.gitlab.url);
    try {
      const run = async (...more: string[]): Promise<string> => {
        const output = await runPipeline(directory, { CI_JOB_TOKEN: 'glcbt-sandbox-job', ...USER }, more);
        expect(output).not.toContain('glcbt-sandbox-job');
        return output;
      };
      const commit = await git('rev-parse', 'HEAD');
      expect(await run()).toContain('created v1.4.3');
      const made = await person(sandbox.gitlab.url, 'admin').get('/projects/2/repository/tags/v1.4.3');
      expect(made.body).toMatchObject({ commit: { id: commit }, message: 'Use the tag component' });
      const published = join(directory, 'published.txt');
      const reason = 'v1.4.2-is-the-highest-release-that-the-commit-contains';
      expect(readFileSync(published, 'utf8')).toBe(`v1.4.3|1.4.3|v1.4.2|true|${reason}`);
      expect(await run()).toContain('exists: v1.4.3');
      expect(readFileSync(published, 'utf8')).toMatch(/^v1\.4\.3\|1\.4\.3\|v1\.4\.2\|false\|/);
      const jobs = async (): Promise<string[]> => {
        // Between notes for people.
        const list = /\[\s*\{[\s\S]*\}\s*\]/.exec(await run('--list-json'))?.[0] ?? '[]';
        return (JSON.parse(list) as { name: string; when: string }[])
          .filter(({ when }) => when !== 'never')
          .map(({ name }) => name);
      };
      expect(await jobs()).toContain('tag-library');
      await git('checkout', '-q', '-b', 'release/1.4');
      expect(await jobs()).toContain('tag-library');
      await git('checkout', '-q', '-b', 'feature/x');
      expect(await jobs()).not.toContain('tag-library');
    } finally {
      await sandbox.close();
      rmSync(directory, { recursive: true, force: true });
    }
  }, 180_000);

  it('has the service tag the library, without a token of GitLab in the job', async () => {
    const issuer = await startIssuer();
    const rules = `  on_push: false\n  keyless: { issuer: "${issuer.url}", audience: signalbox }\n`;
    const stage = await setLibraryStage({ rules, deaf: true });
    const { directory, git } = await checkout(stage.gitlabUrl, `\n      service: ${stage.service.url}`);
    try {
      const commit = await git('rev-parse', 'HEAD');
      // What GitLab makes of `id_tokens:`, which gitlab-ci-local passes over.
      const token = issuer.sign({ sha: commit });
      const output = await runPipeline(directory, { SIGNALBOX_ID_TOKEN: token, ...USER });
      expect(output).toContain('created v1.4.3');
      expect(output).not.toContain(token);
      expect(await stage.tagged('v1.4.3')).toBe(commit);
      expect(readFileSync(join(directory, 'published.txt'), 'utf8')).toMatch(/^v1\.4\.3\|1\.4\.3\|v1\.4\.2\|true\|/);
    } finally {
      await stage.close();
      issuer.close();
      rmSync(directory, { recursive: true, force: true });
    }
  }, 180_000);
});
