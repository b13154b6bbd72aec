import { afterAll, beforeAll, expect, it } from 'vitest';
import { isNotRun, unneeded } from './exceptions.ts';
import { readPages, TUTORIAL } from './pages.ts';
import { commandsIn } from './read-steps.ts';
import { runPage } from './run-page.ts';
import { buildWorld, type World } from './world.ts';

/** Every command of every page, run in its order: README.md of this folder. */
const pages = readPages();
const commands = pages.flatMap(({ name, steps }) =>
  steps.flatMap(step => (step.kind === 'command' ? [{ page: name, text: step.text }] : [])),
);
/** Those with something to run; the tutorial is followed in tutorial.test.ts. */
const toFollow = pages.filter(
  ({ name }) => name !== TUTORIAL && commands.some(({ page, text }) => page === name && !isNotRun(page, text)),
);

let world: World;
beforeAll(async () => {
  world = await buildWorld();
}, 120_000);
afterAll(() => world?.close());

it('reads the commands of a block as a shell does', () => {
  expect(commandsIn('a \\\n  b\n# c\nd "e\nf" # it\'s\ng |\n  h')).toEqual([
    'a \\\n  b',
    'd "e\nf" # it\'s',
    'g |\n  h',
  ]);
});

it('finds the pages, and needs every exception', () => {
  expect(pages.map(({ name }) => name)).toEqual(expect.arrayContaining(['README.md', TUTORIAL, 'docs/races.md']));
  expect(commands.length).toBeGreaterThan(60);
  expect(unneeded(commands)).toEqual([]);
});

it.each(toFollow)('$name can be followed to the letter', { timeout: 240_000 }, async ({ name, steps }) => {
  expect((await runPage(name, steps, world)).join('\n\n')).toBe('');
});
