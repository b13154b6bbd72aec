import { describe, expect, it } from 'vitest';
import { decideLibrary } from './decide-library.ts';
import type { LibraryFacts } from './facts.ts';
import { head, library, module, oid, RULES } from './testing/library-facts.ts';

const NOW = 1_700_000_000_000;

function tagsOf(facts: LibraryFacts, rules = RULES): (readonly [string, string])[] {
  return decideLibrary(facts, rules, null, NOW).actions.flatMap(action =>
    action.type === 'create' ? [[action.tag, action.commit] as const] : [],
  );
}

describe('the decision on a library', () => {
  it('gives each update of the branch the number after the one before', () => {
    const updates = [head('a'), head('b', ['a']), head('c', ['b'])];
    expect(tagsOf(library(updates))).toEqual([
      ['v1.4.3', oid('a')],
      ['v1.4.4', oid('b')],
      ['v1.4.5', oid('c')],
    ]);
  });

  it('leaves out the update that wants no version, and counts on', () => {
    const skipped = head('b', ['a'], { message: 'Change b [skip release]\n' });
    expect(tagsOf(library([head('a'), skipped, head('c', ['a'])])).map(([tag]) => tag)).toEqual(['v1.4.3', 'v1.4.4']);
  });

  it('takes a number for one branch only, and never one that was seen before', () => {
    const fix = head('fix', ['base'], { modules: [module({ base: 'ancestor' })] });
    const facts = library([head('a')]);
    facts.branches.push({ branch: 'release/1.4', head: fix.commit, updates: [fix], leftOut: 0 });
    facts.removed = [{ name: 'v1.4.3', peeled: oid('elsewhere') }];
    expect(tagsOf(facts)).toEqual([
      ['v1.4.4', oid('a')],
      ['v1.4.5', oid('fix')],
    ]);
  });

  it('does not give a commit a version again whose version a person deleted, unless asked', () => {
    const removed = [{ name: 'v1.4.3', peeled: oid('a') }];
    const held = decideLibrary(library([head('a')], { removed }), RULES, null, NOW);
    expect(held.actions).toEqual([]);
    expect(held.verdict).toBe('main: left without a version');
    expect(held.because[0]).toMatch(/somebody took v1\.4\.3 off this commit/);
    expect(tagsOf(library([head('a')], { removed, asked: true }))).toEqual([['v1.4.4', oid('a')]]);
    expect(tagsOf(library([head('b')], { removed }))).toEqual([['v1.4.4', oid('b')]]);
  });

  it.each([
    [{ found: false }, 'not found'],
    [{ archived: true }, 'archived'],
    [{ defaultBranch: '' }, 'empty'],
  ])('%j: %s', (more, verdict) => {
    expect(decideLibrary(library([head('a')], more), RULES, null, NOW)).toMatchObject({ verdict, actions: [] });
  });

  it('says when updates were left out, and what rests', () => {
    const facts = library([head('a')], { releasing: ['main', 'release/1.3'] });
    facts.branches[0]!.leftOut = 12;
    const { because } = decideLibrary(facts, RULES, null, NOW);
    expect(because).toContain(
      'main: of 13 updates since the last look only the last 1 are taken up; the others are contained in them.',
    );
    expect(because).toContain('release/1.3: nothing has happened there since the last look.');
    expect(because.at(-1)).toBe('`go get gitlab.example.com/acme/lib-ssh@latest` will give v1.4.3.');
  });

  it('remembers new tags first', () => {
    const { actions } = decideLibrary(library([head('a')], { unseen: 2 }), RULES, null, NOW);
    expect(actions.map(action => action.summary)).toEqual([
      'remember 2 tags of acme/lib-ssh',
      `create v1.4.3 on ${oid('a').slice(0, 10)} of acme/lib-ssh`,
    ]);
  });
});

describe('what is handed on after a tag', () => {
  const rules = { ...RULES, note: true };
  const own = [{ name: 'v1.4.2', commit: oid('base'), base: 'v1.4.1', branch: 'main' }];

  it('is each version of ours once, those found after a crash included', () => {
    const first = decideLibrary(library([head('a')], { own }), rules, null, NOW);
    expect(first.alsoLookAt?.map(({ key }) => key)).toEqual([
      'library-version:acme/lib-ssh@v1.4.2',
      'library-version:acme/lib-ssh@v1.4.3',
    ]);
    const second = decideLibrary(library([head('a')], { own }), rules, first.memory ?? null, NOW);
    expect(second.alsoLookAt).toEqual([]);
  });

  it('is nothing while neither release nor note is wanted, and stays so for these versions', () => {
    const first = decideLibrary(library([head('a')], { own }), RULES, null, NOW);
    expect(first.alsoLookAt).toEqual([]);
    expect(decideLibrary(library([head('a')], { own }), rules, first.memory ?? null, NOW).alsoLookAt).toEqual([]);
  });
});

it('remembers where the branches were looked at, and keeps what was remembered of the others', () => {
  const memory = { heads: { 'release/1.3': 'x' }, lookedAt: 1, shipped: [] };
  expect(decideLibrary(library([head('a')]), RULES, memory, NOW).memory).toEqual({
    heads: { 'release/1.3': 'x', main: oid('a') },
    lookedAt: NOW,
    shipped: ['v1.4.3'],
  });
});
