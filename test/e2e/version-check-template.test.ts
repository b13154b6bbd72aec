import { expect, it } from 'vitest';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { COMMAND, canRunPipelines, setPipeline } from '../support/ci-pipeline.ts';
import { person } from '../support/sandbox-client.ts';

const runs = canRunPipelines('version-check');

/** A checkout whose pipeline uses the template, once as a blocking job. */
function checkout(gitlabUrl: string) {
  const job = (
    name: string,
    blocking: boolean,
  ) => `  - component: $CI_SERVER_FQDN/acme/appliance/version-check@$CI_COMMIT_SHA
    inputs: { job-name: ${name}, image: node:24, blocking: ${blocking}, command: '${COMMAND}' }
`;
  const config = `service: { data_dir: .signalbox-data }
gitlab: { url: "${gitlabUrl}", token: { env: SIGNALBOX_GITLAB_TOKEN }, webhook: { secret_tokens: [ { env: NO_HOOK } ] } }
lines: [ { name: "5.5", branch: main }, { name: "5.4", branch: release/5.4 }, { name: "5.3", branch: release/5.3 } ]
version_check: { projects: { acme/appliance: { version: [ { file: VERSION } ] } } }
`;
  const files = {
    '.gitlab-ci.yml': `include:\n${job('look', false)}${job('block', true)}`,
    '.signalbox.yaml': config,
  };
  return setPipeline('version-check', { gitlabUrl, project: 'acme/appliance', clone: true, files });
}

const MERGE_REQUEST = {
  CI_PIPELINE_SOURCE: 'merge_request_event',
  CI_MERGE_REQUEST_IID: '1',
  CI_PROJECT_PATH: 'acme/appliance',
  SIGNALBOX_GITLAB_TOKEN: 'glpat-sandbox-read',
};

it.runIf(runs)(
  'says what the version check thinks, fails where it is told so, and changes nothing',
  async () => {
    const sandbox = await startSandbox();
    const pipeline = await checkout(sandbox.gitlab.url);
    try {
      const developer = person(sandbox.gitlab.url, 'developer');
      const request = { source_branch: 'feature/backup-share', target_branch: 'release/5.3', title: 'Share backups' };
      expect((await developer.post('/projects/1/merge_requests', request)).status).toBe(201);
      await sandbox.settled();
      const look = await pipeline.run(MERGE_REQUEST, 'look');
      expect(look.output).toContain('merge-request:acme/appliance!1: blocked: 5.4 into 5.3');
      expect(look.ok).toBe(true);
      const block = await pipeline.run(MERGE_REQUEST, 'block');
      expect(block.output).toContain('blocked: 5.4 into 5.3');
      expect(block.ok).toBe(false);
      expect((await developer.get('/projects/1/merge_requests/1/discussions')).body).toEqual([]);
      await developer.put('/projects/1/merge_requests/1', { target_branch: 'release/5.4' });
      await sandbox.settled();
      const after = await pipeline.run(MERGE_REQUEST, 'block');
      expect(after.output).toContain('ok: 5.4 into 5.4');
      expect(after.ok).toBe(true);
    } finally {
      await sandbox.close();
      pipeline.remove();
    }
  },
  240_000,
);
