import { afterEach, expect, test } from 'vitest';
import { type LibraryStage, type LibraryStageOptions, setLibraryStage } from './library-stage.ts';

let stage: LibraryStage | undefined;

async function set(options: LibraryStageOptions = {}): Promise<LibraryStage> {
  stage = await setLibraryStage(options);
  return stage;
}

afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

test("a push becomes the next version, annotated with the commit's message to the byte", async () => {
  const { push, until, tagged, message, quiet, newTags, explain } = await set();
  const text = 'Keep connections alive 🚢\n\n# not a comment\r\n\r\n$(rm -rf /) `id`\n\nCloses #1\n';
  const commit = await push(text);
  await until('v1.4.3', async () => (await tagged('v1.4.3')) === commit);
  expect(await message('v1.4.3')).toBe(text);
  await quiet();
  expect(await newTags()).toEqual(['v1.4.3']);
  const explained = await explain();
  expect(explained?.decision?.verdict).toBe('main: is v1.4.3');
  expect(explained?.decision?.because).toContain('`go get gitlab.example.com/acme/lib-ssh@latest` will give v1.4.3.');
});

test('several pushes between two looks get a version each, in order', async () => {
  const { push, until, tagged, quiet, newTags } = await set({ pace: { settle: 1_500, spacing: 50, backOff: 50 } });
  const commits: string[] = [];
  for (const word of ['one', 'two', 'three', 'four']) commits.push(await push(`Change ${word}`));
  await until('v1.4.6', async () => (await tagged('v1.4.6')) === commits[3]);
  await quiet();
  expect(await Promise.all(['v1.4.3', 'v1.4.4', 'v1.4.5'].map(tagged))).toEqual(commits.slice(0, 3));
  expect(await newTags()).toEqual(['v1.4.3', 'v1.4.4', 'v1.4.5', 'v1.4.6']);
});
