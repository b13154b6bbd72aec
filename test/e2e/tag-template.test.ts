import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { COMMAND, canRunPipelines, setPipeline } from '../support/ci-pipeline.ts';
import { startIssuer } from '../support/id-tokens.ts';
import { person } from '../support/sandbox-client.ts';
import { setLibraryStage } from './library-stage.ts';

const runs = canRunPipelines('tag');

/** A checkout of acme/lib-ssh whose pipeline uses the template as a component, and a later job that uses the tag. */
function checkout(gitlabUrl: string, inputs = '') {
  const pipeline = `include:
  - component: $CI_SERVER_FQDN/acme/lib-ssh/tag@$CI_COMMIT_SHA
    inputs:
      image: node:24
      command: '${COMMAND}'
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
`;
  const files = { '.gitlab-ci.yml': pipeline };
  return setPipeline('tag', { gitlabUrl, project: 'acme/lib-ssh', clone: true, files });
}

const USER = { GITLAB_USER_LOGIN: 'developer' };

describe.runIf(runs)('templates/tag.yml', () => {
  it('tags the library in a pipeline, and hands the tag to later jobs', async () => {
    const sandbox = await startSandbox();
    const pipeline = await checkout(sandbox.gitlab.url);
    const { directory, git } = pipeline;
    try {
      const run = async (...more: string[]): Promise<string> => {
        const { output } = await pipeline.run({ CI_JOB_TOKEN: 'glcbt-sandbox-job', ...USER }, ...more);
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
      pipeline.remove();
    }
  }, 180_000);

  it('has the service tag the library, without a token of GitLab in the job', async () => {
    const issuer = await startIssuer();
    const rules = `  on_push: false\n  keyless: { issuer: "${issuer.url}", audience: signalbox }\n`;
    const stage = await setLibraryStage({ rules, deaf: true });
    const pipeline = await checkout(stage.gitlabUrl, `\n      service: ${stage.service.url}`);
    const { directory, git } = pipeline;
    try {
      const commit = await git('rev-parse', 'HEAD');
      // What GitLab makes of `id_tokens:`, which gitlab-ci-local passes over.
      const token = issuer.sign({ sha: commit });
      const { output } = await pipeline.run({ SIGNALBOX_ID_TOKEN: token, ...USER });
      expect(output).toContain('created v1.4.3');
      expect(output).not.toContain(token);
      expect(await stage.tagged('v1.4.3')).toBe(commit);
      expect(readFileSync(join(directory, 'published.txt'), 'utf8')).toMatch(/^v1\.4\.3\|1\.4\.3\|v1\.4\.2\|true\|/);
    } finally {
      await stage.close();
      issuer.close();
      pipeline.remove();
    }
  }, 180_000);
});
