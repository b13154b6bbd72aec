import { describe, expect, it } from 'vitest';
import { decideLibrary } from './decide-library.ts';
import type { HeadFacts, JobFacts, LibraryFacts } from './facts.ts';
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
    facts.branches.push({
      branch: 'release/1.4',
      head: fix.commit,
      reached: fix.commit,
      updates: [fix],
      later: 0,
      whole: true,
    });
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

  it('goes on at once where there were too many updates for one look, from where this one has come to', () => {
    const facts = library([head('a')]);
    Object.assign(facts.branches[0]!, { head: oid('z'), later: 12 });
    const earlier = { heads: { main: oid('base') }, lookedAt: NOW - 5000, shipped: [] };
    const { because, memory, lookAgainAt } = decideLibrary(facts, RULES, earlier, NOW);
    expect(because).toContain(
      'main: of 13 updates since the last look the first 1 are taken up; the others at once in the next.',
    );
    expect(memory).toMatchObject({ heads: { main: oid('a') }, lookedAt: NOW - 5000 });
    expect(lookAgainAt).toBe(NOW);
    expect(decideLibrary(facts, RULES, null, NOW).memory?.lookedAt).toBe(NOW);
  });

  it('says what rests', () => {
    const facts = library([head('a')], { releasing: ['main', 'release/1.3'] });
    const { because } = decideLibrary(facts, RULES, null, NOW);
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

describe('a CI job that asks for its commit', () => {
  const job = (word: string, more: Partial<JobFacts> = {}): JobFacts => ({
    id: `job of ${word}`,
    branch: 'main',
    commit: oid(word),
    requestedAt: NOW - 1_000,
    wait: 2_000,
    fault: null,
    ...more,
  });
  /** Only what jobs ask for, on a branch that is at the last of these. */
  const asked = (updates: HeadFacts[], jobs: JobFacts[], more: Partial<LibraryFacts> = {}): LibraryFacts => {
    const facts = library(updates, { jobs, ...more });
    facts.branches[0]!.whole = false;
    return facts;
  };
  const planOf = (facts: LibraryFacts, now = NOW) =>
    decideLibrary(facts, RULES, null, now).actions.map(action =>
      action.type === 'answer'
        ? [action.jobs, 'reports' in action.answer ? action.answer.reports.map(report => report.action) : null]
        : action.summary.split(' ').slice(0, 2).join(' '),
    );

  it('is told after its tag is made, several of one commit at once', () => {
    const jobs = [job('a'), job('a', { id: 'again' })];
    expect(planOf(asked([head('a')], jobs))).toEqual(['create v1.4.3', [['job of a', 'again'], ['create']]]);
  });

  it('is told in the order of the commits, each after its own tag', () => {
    const facts = asked([head('a'), head('b', ['a'])], [job('b'), job('a')]);
    expect(planOf(facts)).toEqual([
      'create v1.4.3',
      [['job of a'], ['create']],
      'create v1.4.4',
      [['job of b'], ['create']],
    ]);
  });

  it('lets the job of an earlier commit go first, for as long as it said', () => {
    const facts = asked([head('b', ['a'])], [job('b')]);
    const held = decideLibrary(facts, RULES, null, NOW);
    expect(held).toMatchObject({
      actions: [],
      lookAgainAt: NOW + 1_000,
      verdict: 'main: lets earlier commits go first',
    });
    expect(planOf(facts, NOW + 1_000)).toEqual(['create v1.4.3', [['job of b'], ['create']]]);
    expect(planOf(asked([head('b', ['a'])], [job('b', { wait: 0 })]))).toHaveLength(2);
  });

  it('waits no longer than a minute, however many come after it', () => {
    const early = job('b', { requestedAt: NOW - 59_000 });
    const facts = asked([head('b', ['a'])], [early, job('b', { id: 'late', requestedAt: NOW, wait: 600_000 })]);
    expect(decideLibrary(facts, RULES, null, NOW).lookAgainAt).toBe(NOW + 1_000);
  });

  it('does not wait where the service gives every push its version', () => {
    expect(planOf(library([head('a'), head('b', ['a'])], { jobs: [job('b')] }))).toEqual([
      'create v1.4.3',
      'create v1.4.4',
      [['job of b'], ['create']],
    ]);
  });

  it('gets a version again that somebody took off: it asks for it', () => {
    const removed = [{ name: 'v1.4.3', peeled: oid('a') }];
    expect(planOf(asked([head('a')], [job('a')], { removed }))).toEqual(['create v1.4.4', [['job of a'], ['create']]]);
  });

  it.each<[string, Partial<LibraryFacts>]>([
    ['its commit is unknown', { jobs: [job('x', { fault: 'the repository does not have this commit any more' })] }],
    ['the project is gone', { found: false }],
    ['the project is archived', { archived: true }],
    ['the repository is empty', { defaultBranch: '' }],
  ])('is refused when %s', (_what, more) => {
    const facts = { ...asked([], [job('a')]), ...more };
    expect(planOf(facts)).toEqual([[facts.jobs.map(({ id }) => id), ['refuse']]]);
  });

  it('leaves what is remembered of a branch as it was', () => {
    const memory = { heads: { main: 'x' }, lookedAt: 1, shipped: [] };
    expect(decideLibrary(asked([head('a')], [job('a')]), RULES, memory, NOW).memory?.heads).toEqual({ main: 'x' });
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
