import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { canRunPipelines, setPipeline } from '../support/ci-pipeline.ts';
import { startIssuer } from '../support/id-tokens.ts';
import { setReleaseStage } from './release-upload-stage.ts';

const runs = canRunPipelines('release');

const SCRIPT = `#!/bin/sh
[ "$RELEASE_VERSION" = 5.4.9 ] || { echo "no room for $RELEASE_VERSION"; exit 3; }
echo "shipped $RELEASE_VERSION"
`;

const PIPELINE = (service: string, version: string) => `include:
  - component: $CI_SERVER_FQDN/acme/appliance/release@$CI_COMMIT_SHA
    inputs:
      service: ${service}
      product: appliance
      version: "${version}"
      line: "5.4"
      file: dist/appliance.tgz
      wait: 60
build:
  stage: build
  script:
    - mkdir -p dist && tar -czf dist/appliance.tgz README.md
  artifacts:
    paths: [dist]
`;

it.runIf(runs)(
  'templates/release.yml sends what the build made, is as green as the release, and shows what the script said',
  async () => {
    const issuer = await startIssuer();
    const rule = `{ gitlab_oidc: { issuer: "${issuer.url}", audience: signalbox, project: acme/appliance } }`;
    const stage = await setReleaseStage({ credentials: `, ${rule}` });
    await writeFile(join(stage.directory, 'release.sh'), SCRIPT);
    const pipeline = await setPipeline('release', {
      gitlabUrl: 'http://127.0.0.1:9',
      project: 'acme/appliance',
      clone: false,
      files: { '.gitlab-ci.yml': PIPELINE(stage.url, '5.4.9'), 'README.md': 'The appliance.\n' },
    });
    try {
      // What GitLab makes of `id_tokens:`, which gitlab-ci-local passes over.
      const tokens: string[] = [];
      const run = async (claims: object = {}) => {
        const token = issuer.sign({ project_path: 'acme/appliance', ...claims });
        tokens.push(token);
        return pipeline.run({ RELEASE_TOKEN: token });
      };
      const stranger = await run({ project_path: 'acme/other' });
      expect(stranger.ok).toBe(false);
      expect(stranger.output).toContain('SBX_RELEASE_NOT_ALLOWED');
      // Before anything was built.
      expect(stranger.output).not.toContain('starting shell (build)');

      const released = await run();
      expect(released.output).toContain('shipped 5.4.9');
      expect(released.output).toContain('"state":"released"');
      expect(released.ok).toBe(true);

      await pipeline.setFile('.gitlab-ci.yml', PIPELINE(stage.url, '5.4.10'));
      const failed = await run();
      expect(failed.ok).toBe(false);
      expect(failed.output).toContain('no room for 5.4.10');
      expect(failed.output).toContain('the script ended with 3');

      for (const { output } of [stranger, released, failed])
        for (const token of tokens) expect(output).not.toContain(token);
    } finally {
      await stage.close();
      issuer.close();
      pipeline.remove();
    }
  },
  180_000,
);
