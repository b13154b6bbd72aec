import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildHistory, type HistoryStep } from './history.ts';
import { createRepository, type Repository } from './repository.ts';

const ada = { name: 'Ada', email: 'ada@example.com', date: '2026-01-01T00:00:00Z' };
const COUNT = 50_000;

let directory: string;
let repository: Repository;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sandbox-history-'));
  repository = await createRepository(join(directory, 'many.git'));
});
afterAll(async () => {
  repository.close();
  await rm(directory, { recursive: true, force: true });
});

function* manyTags(): Generator<HistoryStep> {
  yield { commit: 'root', branch: 'main', author: ada, files: { VERSION: '1\n' }, mark: 'root' };
  for (let index = 0; index < COUNT; index += 1) {
    if (index % 50 === 0)
      yield { commit: `commit ${index}`, branch: 'main', author: ada, files: { VERSION: `${index}\n` } };
    const tag = { tag: `v1.${Math.floor(index / 100)}.${index % 100}`, at: 'main' };
    yield index % 2 === 0 ? tag : { ...tag, message: `Release ${index}`, tagger: ada };
  }
}

it('builds and lists 50,000 tags in seconds, and adds one in milliseconds', async () => {
  const times: Record<string, number> = {};
  const timed = async <T>(name: string, act: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await act();
    times[name] = Math.round(performance.now() - start);
    return result;
  };
  const marks = await timed('build', () => buildHistory(repository, manyTags()));
  expect(marks.get('root')).toMatch(/^[0-9a-f]{40}$/);
  const tags = await timed('first list', () => repository.tags());
  expect(tags).toHaveLength(COUNT);
  expect(tags.filter(tag => tag.message !== '')).toHaveLength(COUNT / 2);
  expect(await timed('second list', () => repository.tags())).toBe(tags);
  await timed('create', () => repository.createTag({ name: 'v9', revision: 'main', message: 'new', tagger: ada }));
  expect(await timed('list after create', () => repository.tags())).toHaveLength(COUNT + 1);
  await timed('delete', () => repository.deleteTag('v1.0.0'));
  expect(await repository.tag('v1.0.0')).toBeNull();
  console.log('50,000 tags, ms:', JSON.stringify(times));
  expect(execFileSync('git', ['-C', repository.path, 'tag'], { encoding: 'utf8' }).trim().split('\n')).toHaveLength(
    COUNT,
  );
  expect(execFileSync('git', ['-C', repository.path, 'fsck', '--no-dangling'], { encoding: 'utf8' })).toBe('');
  // One file, not 50,000, is what makes it fast; the time itself depends on who else uses the machine.
  expect(await readdir(join(repository.path, 'refs/tags'))).toEqual(['v9']);
  expect(times['build']! + times['first list']!).toBeLessThan(30_000);
  expect(times['second list']!).toBeLessThan(10_000);
});
