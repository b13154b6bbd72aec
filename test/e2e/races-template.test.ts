import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { goReport } from '../../src/automations/races/testing/reports.ts';
import { COMMAND, canRunPipelines, setPipeline } from '../support/ci-pipeline.ts';
import { BOXES, setRacesStage, tokenOf } from './races-service-stage.ts';

const runs = canRunPipelines('races');

const PIPELINE = `include:
  - component: $CI_SERVER_FQDN/acme/appliance/races@$CI_COMMIT_SHA
    inputs:
      command: '${COMMAND}'
      logs: test-logs
      needs: [test-race]
      fail-on-race: true
test-race:
  stage: test
  script:
    - rm -rf test-logs && mkdir test-logs && cp "$LOGS"/* test-logs
  artifacts:
    paths: [test-logs]
`;

it.runIf(runs)(
  'templates/races.yml reads what the tests left, tells the service, and is red where it is told so',
  async () => {
    const stage = await setRacesStage();
    const pipeline = await setPipeline('races', {
      gitlabUrl: 'http://127.0.0.1:9',
      project: 'acme/appliance',
      clone: false,
      files: {
        '.gitlab-ci.yml': PIPELINE,
        'racy/unit.log': goReport('a.b/c.F', 'a.b/c.G'),
        'clean/unit.log': 'ok  a.b/c  0.2s\n',
      },
    });
    const found = (): unknown => JSON.parse(readFileSync(join(pipeline.directory, 'races.json'), 'utf8'));
    try {
      const clean = await pipeline.run({ LOGS: 'clean' });
      expect(clean.output).toContain('0 races, 0 reports in 1 file');
      expect(clean.ok).toBe(true);

      const token = tokenOf(BOXES[0]);
      const racy = await pipeline.run({
        LOGS: 'racy',
        SIGNALBOX_URL: stage.service().url,
        SIGNALBOX_RACES_TOKEN: token,
      });
      expect(racy.ok).toBe(false);
      expect(racy.output).toContain('Data race: F ↔ G (c)');
      expect(racy.output).toContain('1 report sent and acknowledged');
      expect(racy.output).not.toContain(token);
      const commit = await pipeline.git('rev-parse', 'HEAD');
      expect(found()).toMatchObject({ files: 1, races: [{ count: 1 }], sent: { reports: 1 } });
      await stage.quiet();
      const [issue] = await stage.issues();
      expect(issue).toMatchObject({ title: 'Data race: F ↔ G (c)' });
      expect(issue?.description).toContain('ci/acme/appliance');
      expect(issue?.description).toContain(commit.slice(0, 8));

      await pipeline.setFile('racy/unit.log', goReport('a.b/c.F', 'a.b/c.H'));
      const refused = await pipeline.run({
        LOGS: 'racy',
        SIGNALBOX_URL: stage.service().url,
        SIGNALBOX_RACES_TOKEN: 'x',
      });
      expect(refused.ok).toBe(false);
      expect(refused.output).toContain('SBX_RACES_NOT_SENT');
    } finally {
      await stage.close();
      pipeline.remove();
    }
  },
  180_000,
);
