import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
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

describe('templates/release.yml', () => {
  interface Job {
    script: string[];
    variables: Record<string, string>;
  }
  function jobs(inputs: Record<string, string>): Record<string, Job> {
    const [head, body] = parseAllDocuments(read('templates/release.yml'));
    const { spec } = head!.toJS() as { spec: { inputs: Record<string, { default?: string | number } | null> } };
    const inputOf = (name: string) => String(inputs[name] ?? spec.inputs[name]?.default ?? '');
    for (const name of Object.keys(inputs)) expect(Object.keys(spec.inputs)).toContain(name);
    const text = body!.toString().replaceAll(/\$\[\[ inputs\.([a-z-]+) \]\]/g, (_all, name: string) => inputOf(name));
    return parseAllDocuments(text)[0]!.toJS() as Record<string, Job>;
  }
  const run = (job: Job | undefined) => runJob(job!.script, { ...job!.variables, RELEASE_TOKEN: SECRET });

  it('is as green as the release', async () => {
    const inputs = { service: stage.url, product: 'appliance', file: 'appliance.tgz', version: '5.4.2', line: '5.4' };
    const good = jobs(inputs);
    expect(await run(good['release:preflight'])).toMatchObject({ status: 0 });
    const released = await run(good['release']);
    expect(released.status, released.stdout + released.stderr).toBe(0);
    expect(released.stdout).toContain('"state":"released"');

    const bad = jobs({ ...inputs, version: '5.4.3', line: '5.5' });
    const refused = await run(bad['release:preflight']);
    expect([refused.status, refused.stdout]).toEqual([22, expect.stringContaining('"/line"')]);

    await writeFile(join(stage.directory, 'exit'), '1');
    const failed = await run(jobs({ ...inputs, version: '5.4.4' })['release']);
    expect(failed.status).toBe(22);
    expect(failed.stdout).toContain('SBX_RELEASE_FAILED');
    await rm(join(stage.directory, 'exit'));
  });
});
