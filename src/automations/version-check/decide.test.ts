import { describe, expect, it } from 'vitest';
import { decide, situation, type VersionCheckAction } from './decide.ts';
import type { VersionCheckFacts, VersionCheckRules } from './facts.ts';
import { judge } from './judge.ts';
import {
  commandOf,
  DEVELOPER,
  factsOf,
  MAINTAINER,
  mismatchFacts,
  replyOf,
  rulesOf,
  threadOf,
  versions,
} from './testing.ts';

const NOW = Date.parse('2026-03-02T10:00:00Z');
const MISMATCH = situationOf(mismatchFacts());
const OK = situationOf(factsOf());

function situationOf(facts: VersionCheckFacts): string {
  return situation(facts, judge(facts, rulesOf()));
}

function plan(facts: VersionCheckFacts, rules: Partial<VersionCheckRules> = {}): string[] {
  return decide(facts, rulesOf(rules), NOW).actions.map(shown);
}

function shown(action: VersionCheckAction): string {
  switch (action.type) {
    case 'open-text':
      return `open ${action.resolvable ? 'thread' : 'note'} ${action.state}`;
    case 'edit-text':
      return `edit ${action.text.note} ${action.state}`;
    case 'reply':
      return `reply ${action.about} to ${action.answers}${action.reason === '' ? '' : ` (${action.reason})`} in ${action.discussion}`;
    case 'set-commit-status':
      return `status ${action.state}`;
    case 'answer-status-check':
      return `check ${action.id} ${action.status}`;
    case 'resolve':
    case 'reopen':
    case 'retire':
      return `${action.type} ${action.text.note}`;
  }
}

describe('the life of the thread', () => {
  it('does not begin where all is well', () => {
    expect(plan(factsOf())).toEqual([]);
  });

  it('begins with a mismatch', () => {
    const { verdict, actions } = decide(mismatchFacts(), rulesOf(), NOW);
    expect(verdict).toBe('blocked: 5.4 into 5.3 (backward-merge)');
    expect(actions).toMatchObject([{ type: 'open-text', state: 'open', resolvable: true, fingerprint: MISMATCH }]);
  });

  it('stays as it is while the situation does, whatever is pushed', () => {
    const own = [threadOf({ fingerprint: MISMATCH })];
    expect(plan(mismatchFacts({ own }))).toEqual([]);
    expect(plan(mismatchFacts({ own, head: 'e'.repeat(40), versions: versions('5.4.9', '5.3.2', '5.3.2') }))).toEqual(
      [],
    );
  });

  it('is rewritten with one reply when the situation changes', () => {
    const own = [threadOf({ fingerprint: 'backward-merge/5.5/5.3/5.3/release/5.3' })];
    expect(plan(mismatchFacts({ own }))).toEqual([
      'edit 10 open',
      'reply change to change:backward-merge/5.5/5.3/5.3/release/5.3 in thread-10',
    ]);
  });

  it('is rewritten and resolved when the mismatch is gone', () => {
    expect(plan(factsOf({ own: [threadOf({ fingerprint: MISMATCH })] }))).toEqual(['edit 10 ok', 'resolve 10']);
  });

  it('is resolved where an earlier look came no further than the text', () => {
    expect(plan(factsOf({ own: [threadOf({ fingerprint: OK, state: 'ok' })] }))).toEqual(['resolve 10']);
  });

  it('rests when resolved', () => {
    expect(plan(factsOf({ own: [threadOf({ fingerprint: OK, state: 'ok', resolved: true })] }))).toEqual([]);
  });

  it('is opened again when the mismatch comes back', () => {
    const own = [threadOf({ fingerprint: OK, state: 'ok', resolved: true })];
    expect(plan(mismatchFacts({ own }))).toEqual([
      'edit 10 open',
      `reply change to change:${OK} in thread-10`,
      'reopen 10',
    ]);
  });

  it('is opened again where an earlier look came no further than the text', () => {
    const own = [threadOf({ fingerprint: MISMATCH, resolved: true })];
    expect(plan(mismatchFacts({ own }))).toEqual(['reopen 10']);
  });

  it('goes on without duplicates: the oldest stays, others are retired once', () => {
    const own = [
      threadOf({ note: 12, fingerprint: MISMATCH }),
      threadOf({ note: 10, fingerprint: MISMATCH }),
      threadOf({ note: 11, state: 'retired', resolved: true }),
    ];
    expect(plan(mismatchFacts({ own }))).toEqual(['retire 12']);
  });

  it('takes the place of a note, which cannot hold up a merge', () => {
    const own = [threadOf({ note: 5, resolvable: false, state: 'unknown', fingerprint: 'unknown' })];
    expect(plan(mismatchFacts({ own }))).toEqual(['open thread open', 'retire 5']);
  });
});

describe('a person resolves the thread', () => {
  const resolvedBy = (person: typeof DEVELOPER, changes = {}) => [
    threadOf({ fingerprint: MISMATCH, resolved: true, resolvedBy: person, ...changes }),
  ];

  it('without the role: told once why it is open again', () => {
    expect(plan(mismatchFacts({ own: resolvedBy(DEVELOPER) }))).toEqual([
      'reply refusal to resolve:30 (role) in thread-10',
      'reopen 10',
    ]);
    const replies = [replyOf('refusal', { answers: 'resolve:30', fingerprint: MISMATCH })];
    expect(plan(mismatchFacts({ own: resolvedBy(DEVELOPER), replies }))).toEqual(['reopen 10']);
  });

  it('with the role: recorded once, and first', () => {
    const { verdict, because, actions } = decide(mismatchFacts({ own: resolvedBy(MAINTAINER) }), rulesOf(), NOW);
    expect(verdict).toBe('waived: 5.4 into 5.3 (backward-merge)');
    expect(because).toContain('Waived by @maintainer: resolved the thread');
    expect(actions.map(shown)).toEqual([
      'reply waiver to resolve:40 (resolved the thread) in thread-10',
      'edit 10 waived',
    ]);
  });

  it('with the role that this project asks for', () => {
    const own = resolvedBy(DEVELOPER);
    expect(plan(mismatchFacts({ own }), { overrideRole: 'developer' })).toContain('edit 10 waived');
    expect(plan(mismatchFacts({ own: resolvedBy(MAINTAINER) }), { overrideRole: 'owner' })).toContain('reopen 10');
  });

  it('with the role, on a duplicate: recorded before that one is retired', () => {
    const own = [threadOf({ fingerprint: MISMATCH }), ...resolvedBy(MAINTAINER, { note: 12, discussion: 'thread-12' })];
    expect(plan(mismatchFacts({ own }))).toEqual([
      'reply waiver to resolve:40 (resolved the thread) in thread-12',
      'edit 10 waived',
      'resolve 10',
      'retire 12',
    ]);
  });

  it('for another situation than the one that is: counts for nothing', () => {
    const own = resolvedBy(MAINTAINER, { fingerprint: 'backward-merge/5.5/5.3/5.3/release/5.3' });
    expect(plan(mismatchFacts({ own }))).toContain('reopen 10');
    expect(plan(mismatchFacts({ own })).join()).not.toContain('waive');
  });
});

describe('a recorded waiver', () => {
  const replies = [replyOf('waiver', { fingerprint: MISMATCH, by: 'maintainer', reason: 'agreed' })];
  const own = [threadOf({ fingerprint: MISMATCH, state: 'waived', resolved: true })];

  it('survives pushes', () => {
    const facts = mismatchFacts({ own, replies, head: 'f'.repeat(40) });
    expect(decide(facts, rulesOf(), NOW).verdict).toContain('waived');
    expect(plan(facts)).toEqual([]);
  });

  it('shows after a crash right behind the record', () => {
    const cut = [threadOf({ fingerprint: MISMATCH, resolved: true, resolvedBy: MAINTAINER })];
    expect(plan(mismatchFacts({ own: cut, replies }))).toEqual(['edit 10 waived']);
  });

  it('dies when the target changes', () => {
    const facts = mismatchFacts({ own, replies, targetBranch: 'release/5.3-hotfix' });
    expect(decide(facts, rulesOf(), NOW).verdict).toContain('blocked');
    expect(plan(facts)).toEqual(['edit 10 open', `reply change to change:${MISMATCH} in thread-10`, 'reopen 10']);
  });

  it('dies when a line changes', () => {
    const facts = mismatchFacts({ own, replies, versions: versions('5.5.0', '5.3.2', '5.3.2') });
    expect(plan(facts)).toContain('reopen 10');
  });

  it('of another situation is none', () => {
    const other = [replyOf('waiver', { fingerprint: 'other', by: 'maintainer', reason: 'agreed' })];
    expect(plan(mismatchFacts({ replies: other }))).toEqual(['open thread open']);
  });
});

describe('/signalbox allow', () => {
  const own = [threadOf({ fingerprint: MISMATCH })];

  it('by somebody with the role and with a reason: waived', () => {
    const commands = [commandOf(MAINTAINER, 'agreed with QA')];
    expect(plan(mismatchFacts({ own, commands }))).toEqual([
      'edit 10 waived',
      'resolve 10',
      'reply waiver to note:20 (agreed with QA) in thread-20',
    ]);
  });

  it('before there is a thread: recorded, and none is opened', () => {
    expect(plan(mismatchFacts({ commands: [commandOf(MAINTAINER, 'agreed')] }))).toEqual([
      'reply waiver to note:20 (agreed) in thread-20',
    ]);
  });

  it.each([
    ['without the role', commandOf(DEVELOPER, 'please'), 'reply refusal to note:20 (role) in thread-20'],
    ['without a reason', commandOf(MAINTAINER, ''), 'reply refusal to note:20 (reason) in thread-20'],
  ])('%s: refused', (_, command, answer) => {
    expect(plan(mismatchFacts({ own, commands: [command] }))).toEqual([answer]);
  });

  it('where nothing is wrong: told so', () => {
    const { because, actions } = decide(factsOf({ commands: [commandOf(MAINTAINER, 'agreed')] }), rulesOf(), NOW);
    expect(actions.map(shown)).toEqual(['reply nothing-to-waive to note:20 in thread-20']);
    expect(because.join()).not.toContain('Waived');
  });

  it.each(['waiver', 'refusal', 'nothing-to-waive'])('answered with %s is not answered again', about => {
    const replies = [replyOf(about, { answers: 'note:20', fingerprint: 'another situation' })];
    const commands = [commandOf(MAINTAINER, 'agreed')];
    expect(plan(mismatchFacts({ own, commands, replies }))).toEqual([]);
  });

  it('each of several gets its own answer', () => {
    const commands = [commandOf(DEVELOPER, 'please', 20), commandOf(MAINTAINER, 'agreed', 21)];
    expect(plan(mismatchFacts({ own, commands }))).toEqual([
      'edit 10 waived',
      'resolve 10',
      'reply refusal to note:20 (role) in thread-20',
      'reply waiver to note:21 (agreed) in thread-21',
    ]);
  });

  it('by a maintainer, after a developer resolved: the maintainer waives, not the developer', () => {
    const resolved = [threadOf({ fingerprint: MISMATCH, resolved: true, resolvedBy: DEVELOPER })];
    expect(plan(mismatchFacts({ own: resolved, commands: [commandOf(MAINTAINER, 'agreed')] }))).toEqual([
      'edit 10 waived',
      'reply waiver to note:20 (agreed) in thread-20',
    ]);
  });
});

describe('states of the merge request', () => {
  it.each<[string, Partial<VersionCheckFacts>, string]>([
    ['not to be seen', { found: false }, 'gone'],
    ['closed', { state: 'closed' }, 'closed'],
    ['being merged', { state: 'locked' }, 'being merged'],
    ['not prepared', { notReady: 'the head is not there yet' }, 'not ready'],
  ])('%s: left alone', (_, changes, verdict) => {
    const decision = decide(mismatchFacts(changes), rulesOf(), NOW);
    expect(decision).toMatchObject({ verdict, actions: [] });
  });

  it.each<Partial<VersionCheckFacts>>([{ state: 'locked' }, { notReady: 'the head is not there yet' }])(
    'that pass are looked at again soon: %j',
    changes => {
      expect(decide(mismatchFacts(changes), rulesOf(), NOW).lookAgainAt).toBe(NOW + 5_000);
    },
  );

  it('draft: checked, or deferred where that is set', () => {
    expect(plan(mismatchFacts({ draft: true }))).toEqual(['open thread open']);
    expect(plan(mismatchFacts({ draft: true }), { onDraft: 'defer' })).toEqual([]);
    expect(decide(mismatchFacts({ draft: true }), rulesOf({ onDraft: 'defer' }), NOW).verdict).toBe('deferred');
    expect(plan(mismatchFacts({ draft: false }), { onDraft: 'defer' })).toEqual(['open thread open']);
  });
});

describe('merged despite the mismatch', () => {
  const merged = { state: 'merged', mergedAt: NOW - 60_000 } as const;

  it('is told once, in the thread', () => {
    const own = [threadOf({ fingerprint: MISMATCH, resolved: true })];
    expect(plan(mismatchFacts({ ...merged, own }))).toEqual(['reply merged to merge in thread-10']);
    expect(plan(mismatchFacts({ ...merged, own, replies: [replyOf('merged')] }))).toEqual([]);
  });

  it('is told in a note where there was no thread yet', () => {
    expect(plan(mismatchFacts(merged))).toEqual(['reply merged to merge in null']);
    expect(decide(mismatchFacts(merged), rulesOf(), NOW).verdict).toMatch(/^merged despite a mismatch: /);
  });

  it('is no news when it was waived, fits, or is history', () => {
    const replies = [replyOf('waiver', { fingerprint: MISMATCH, by: 'maintainer', reason: 'agreed' })];
    expect(plan(mismatchFacts({ ...merged, replies }))).toEqual([]);
    expect(plan(factsOf(merged))).toEqual([]);
    expect(plan(mismatchFacts({ ...merged, mergedAt: NOW - 25 * 60 * 60_000 }))).toEqual([]);
  });
});

describe('an unknown version', () => {
  const unknown = factsOf({ versions: versions(null, '5.3.2', '5.3.2') });

  it('is noted, blocks or is ignored, as the project wants; it is never called ok in the verdict of a note', () => {
    expect(plan(unknown, { unknown: 'note' })).toEqual(['open note unknown']);
    expect(plan(unknown, { unknown: 'block' })).toEqual(['open thread open']);
    expect(plan(unknown, { unknown: 'ignore' })).toEqual([]);
    expect(decide(unknown, rulesOf({ unknown: 'note' }), NOW).verdict).toBe('unknown: ? into 5.3 (unknown-version)');
    expect(decide(unknown, rulesOf({ unknown: 'ignore' }), NOW).verdict).toContain('unknown-version');
  });

  it('blocks without a thread where the gate is another one, and settles in one look', () => {
    const rules = { unknown: 'block', gate: ['commit_status'] } as const satisfies Partial<VersionCheckRules>;
    expect(plan(unknown, rules)).toEqual(['open note open', 'status failed']);
  });

  it('that becomes readable: the note is rewritten', () => {
    const own = [threadOf({ resolvable: false, state: 'unknown', fingerprint: situationOf(unknown) })];
    expect(plan({ ...unknown, own })).toEqual([]);
    expect(plan(factsOf({ own }))).toEqual(['edit 10 ok']);
  });
});

describe('other gates', () => {
  const gate: VersionCheckRules['gate'] = ['commit_status', 'external_status_check'];
  const statusCheck = { id: 7, status: 'pending' };

  it('fail on a mismatch, beside a note', () => {
    expect(plan(mismatchFacts({ statusCheck }), { gate })).toEqual([
      'open note open',
      'status failed',
      'check 7 failed',
    ]);
  });

  it('pass where all is well', () => {
    expect(plan(factsOf({ statusCheck }), { gate })).toEqual(['status success', 'check 7 passed']);
  });

  it('pass when waived', () => {
    const commands = [commandOf(MAINTAINER, 'agreed')];
    expect(plan(mismatchFacts({ commands, statusCheck }), { gate })).toEqual([
      'reply waiver to note:20 (agreed) in thread-20',
      'status success',
      'check 7 passed',
    ]);
  });

  it('are left alone when they show the outcome already', () => {
    const commitStatus = { state: 'success', description: 'ok: 5.3 into 5.3 (same-line)' };
    expect(plan(factsOf({ commitStatus, statusCheck: { id: 7, status: 'passed' } }), { gate })).toEqual([]);
  });

  it('are not touched where only the thread was asked for', () => {
    expect(plan(factsOf({ statusCheck }), { gate: ['thread'] })).toEqual([]);
  });

  it('keep a description within what GitLab keeps', () => {
    const long = `5.${'9'.repeat(300)}`;
    const facts = factsOf({ versions: versions(long, '5.3.2', '5.3.2') });
    const status = decide(facts, rulesOf({ gate }), NOW).actions.find(action => action.type === 'set-commit-status');
    expect(status?.description.length).toBe(255);
  });
});
