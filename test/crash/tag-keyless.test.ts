import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { jobOf, runTag } from '../e2e/tag-stage.ts';
import { startIssuer } from '../support/id-tokens.ts';
import { person } from '../support/sandbox-client.ts';
import { type Installation, install } from '../support/service-process.ts';

// A restart after a kill waits until an uncertain call can no longer take effect: ten seconds by design, more on a busy machine.
vi.setConfig({ testTimeout: 120_000, maxConcurrency: 2 });

const PROJECT = '/projects/acme%2Flib-ssh';

describe('a service that is killed while a job waits for its tag', () => {
  // The first look is at the list of libraries; the first effect makes the tag, the second answers the job.
  it.concurrent.for([
    ['work:claimed', 2],
    ['work:decided', 2],
    ['effect:begun', 1],
    ['effect:done', 1],
    ['effect:begun', 2],
    ['effect:done', 2],
    ['work:finished', 2],
  ] as const)(
    'at %s, passage %i: the job is green after a restart, with one tag',
    async ([point, passage], { expect }) => {
      const [sandbox, issuer] = [await startSandbox(), await startIssuer()];
      const installation = await install(sandbox.gitlab.url);
      try {
        await configure(installation, issuer.url);
        const commit = await push(sandbox.gitlab.url);
        const doomed = await installation.serve({ SIGNALBOX_CRASH_AT: `${point}@${passage}` });
        const environment = jobOf(`${sandbox.gitlab.url}/acme/lib-ssh`, commit, {
          ID_TOKEN: issuer.sign({ sha: commit }),
        });
        const job = runTag({ args: ['--json', '--service', installation.url], environment });
        expect(await doomed.ended, doomed.output()).toBe('SIGKILL');
        const next = await installation.serve();
        const { code, json, stderr } = await job;
        expect([code, json?.['tag'], json?.['commit']], stderr).toEqual([0, 'v1.4.3', commit]);
        const tags = (await person(sandbox.gitlab.url, 'admin').get(`${PROJECT}/repository/tags?per_page=100`)).body;
        expect(tags.filter((tag: { commit: { id: string } }) => tag.commit.id === commit)).toHaveLength(1);
        expect(tags).toHaveLength(10);
        await next.stop();
      } finally {
        await sandbox.close();
        issuer.close();
        await installation.remove();
      }
    },
  );
});

async function configure({ configFile }: Installation, issuer: string): Promise<void> {
  const text = await readFile(configFile, 'utf8');
  const common = text.slice(0, text.indexOf('lines:'));
  const keyless = `{ issuer: "${issuer}", audience: signalbox }`;
  await writeFile(
    configFile,
    `${common}library_tags: { projects: [ acme/lib-* ], on_push: false, keyless: ${keyless} }\n`,
  );
}

async function push(gitlabUrl: string): Promise<string> {
  const actions = [{ action: 'create', file_path: 'note.txt', content: 'x' }];
  const commit = { branch: 'main', commit_message: 'Keep connections alive', actions };
  const answer = await person(gitlabUrl, 'maintainer').post(`${PROJECT}/repository/commits`, commit);
  expect(answer.status).toBe(201);
  return answer.body.id;
}
