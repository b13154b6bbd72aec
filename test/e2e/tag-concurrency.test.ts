import { describe, expect, it } from 'vitest';
import { type CommitPlan, importHistory } from '../../src/git-protocol/testing/import-history.ts';
import { inParallel, jobOf, runTag, type TagOutcome, tagsOf, withRepository } from './tag-stage.ts';
import { badWeather, dice } from './tag-weather.ts';

const JOBS = Number(process.env['TAG_JOBS'] ?? 50);
/** One after the other by their nature, so fewer are enough. */
const IN_ORDER = 16;
const AT_ONCE = 6;
const SEED = Number(process.env['TAG_SEED'] ?? Date.now() % 100_000);
const TOKEN = 'glcbt-7f3a9c-secret';

/** `message` per commit, so that each tag can be told to be of its own commit. */
function plan(count: number, parentOf: (job: number) => number): CommitPlan[] {
  const jobs = Array.from({ length: count }, (_, job) => ({ parents: [parentOf(job)], message: `update ${job}\n` }));
  return [{ parents: [], message: 'first\n' }, ...jobs];
}

/** Jobs start nearly in the order of their pushes, as pipelines do: each is moved by a few places. */
function nearlyInOrder(random: () => number): number[] {
  return Array.from({ length: IN_ORDER }, (_, job) => ({ job, at: job + random() * AT_ONCE * 0.8 }))
    .sort((a, b) => a.at - b.at)
    .map(({ job }) => job);
}

function report(outcomes: readonly TagOutcome[]): string {
  return outcomes
    .filter(({ code }) => code !== 0)
    .map(({ code, stdout, stderr }) => `exit ${code}\n${stdout}${stderr}`)
    .join('\n');
}

describe(`${JOBS} jobs on one library, ${AT_ONCE} at once, seed ${SEED}`, () => {
  it('in bad weather: every update of the branch has its version, in the order of the updates', async () => {
    const weather = badWeather(SEED, 0.1, 40);
    await withRepository(
      async ({ repository, url }) => {
        const [first, ...commits] = importHistory(
          repository,
          plan(IN_ORDER, job => job),
          [{ name: 'v1.0.0', at: 0, message: 'x' }],
        );
        repository.git(['config', 'receive.autogc', 'false']);
        const order = nearlyInOrder(dice(SEED));
        const outcomes = await inParallel(order, AT_ONCE, job =>
          runTag({
            args: ['--json', '--wait', '20'],
            environment: jobOf(url, commits[job]!, { CI_JOB_TOKEN: TOKEN }),
          }),
        );
        expect(report(outcomes), JSON.stringify(weather.counts)).toBe('');
        const wanted = commits.map((commit, job): [string, string] => [`v1.0.${job + 1}`, commit]);
        expect(tagsOf(repository)).toEqual(new Map([['v1.0.0', first], ...wanted]));
        for (const [tag] of wanted) expect(repository.git(['cat-file', '-t', tag])).toBe('tag');
        expect(outcomes.map(({ stdout, stderr }) => stdout + stderr).join('')).not.toContain(TOKEN);
        const { none = 0, ...disturbed } = weather.counts;
        expect(Object.keys(disturbed).length).toBeGreaterThanOrEqual(4);
        console.log(`bad weather: ${none} requests went well, disturbed were ${JSON.stringify(disturbed)}`);
      },
      { intercept: weather.intercept },
    );
  }, 480_000);

  it('when no update contains another: distinct consecutive versions, whoever comes first', async () => {
    const weather = badWeather(SEED + 1, 0.1, 40);
    await withRepository(
      async ({ repository, url }) => {
        const [first, ...commits] = importHistory(
          repository,
          plan(JOBS, () => 0),
          [{ name: 'v1.0.0', at: 0, message: 'x' }],
        );
        repository.git(['config', 'receive.autogc', 'false']);
        for (const [job, commit] of commits.entries()) repository.git(['branch', `job-${job}`, commit]);
        const outcomes = await inParallel(commits, AT_ONCE, commit =>
          runTag({ environment: jobOf(url, commit, { CI_JOB_TOKEN: TOKEN }) }),
        );
        expect(report(outcomes), JSON.stringify(weather.counts)).toBe('');
        const tags = tagsOf(repository);
        expect(tags.get('v1.0.0')).toBe(first);
        const versions = Array.from({ length: JOBS }, (_, job) => `v1.0.${job + 1}`);
        expect(new Set(tags.keys())).toEqual(new Set(['v1.0.0', ...versions]));
        expect(new Set(versions.map(tag => tags.get(tag)))).toEqual(new Set(commits));
        for (const [job, { json }] of outcomes.entries()) expect(tags.get(json?.['tag'] as string)).toBe(commits[job]);
      },
      { intercept: weather.intercept },
    );
  }, 480_000);
});
