import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ReleaseStage, SECRET, setReleaseStage, tgz } from './release-upload-stage.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

let stage: ReleaseStage;
beforeAll(async () => {
  stage = await setReleaseStage();
  await writeFile(join(stage.directory, 'appliance.tgz'), tgz(1_500_000));
});
afterAll(() => stage.close());

const CI = { CI_COMMIT_SHA: 'deadbeefdeadbeef', CI_PIPELINE_ID: '77' };

/** As a GitLab runner does it: one shell for all lines, which ends at the first that fails. */
async function runJob(lines: readonly string[], variables: Record<string, string>) {
  const env = { PATH: process.env['PATH'], ...CI, ...variables };
  const job = spawn('sh', ['-e', '-c', lines.join('\n')], { cwd: stage.directory, env });
  let [stdout, stderr] = ['', ''];
  job.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  job.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [status] = (await once(job, 'close')) as [number | null];
  return { status, stdout, stderr };
}

describe('docs/releases.md', () => {
  const blocks = [...read('docs/releases.md').matchAll(/```sh\n(.*?)```/gs)]
    .map(match => match[1]!)
    .filter(block => block.startsWith('curl'));

  it('has recipes', () => expect(blocks.length).toBeGreaterThanOrEqual(2));

  it.each(blocks.map((block, at) => [at + 1, block] as const))('recipe %i releases', async (_number, block) => {
    const secret = { RELEASE_SECRET: SECRET, RELEASE_TOKEN: SECRET };
    const job = await runJob([block.replaceAll('https://signalbox.example.com', stage.url)], secret);
    expect(job.status, job.stdout + job.stderr).toBe(0);
    expect(JSON.parse(job.stdout)).toMatchObject({ version: '5.4.1', state: 'released' });
  });
});
