import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import type { EscalationFacts, FileFacts, MessageFacts, TicketFacts } from './facts.ts';

const settings = { project: 'acme/appliance', comments: 15, confidential: true, marks: true };
const issue = { project: 'acme/appliance', iid: 7, url: 'https://g/7', state: 'opened' as const, labels: [] };
const note = { id: 5, digest: 'x' };
const ticket: TicketFacts = {
  id: 101,
  page: 'https://f/a/tickets/101',
  subject: 'Backup fails',
  requester: 'Grace',
  company: null,
  status: 2,
  priority: 1,
  source: 1,
  type: null,
  tags: [],
  createdAt: '2026-11-20T10:00:00Z',
  archived: false,
  unfit: null,
};
const fresh: NonNullable<EscalationFacts['escalation']> = {
  state: 'running',
  issue: null,
  linked: false,
  follow: false,
  note: null,
  marked: null,
  parts: null,
  described: null,
  rebuilt: false,
  finished: false,
};

function message(id: number, more: Partial<MessageFacts> = {}): MessageFacts {
  return {
    id,
    at: '2026-11-20T10:00:00Z',
    author: null,
    incoming: true,
    private: false,
    source: 0,
    automatic: false,
    length: 100,
    leftOut: null,
    copied: false,
    edited: false,
    ...more,
  };
}

function file(key: string, message: number, result: FileFacts['result'] = null): FileFacts {
  return { key, name: `${key}.txt`, size: 1, message, inline: false, result };
}

const planOf = (facts: Omit<EscalationFacts, 'settings'>, more = {}) =>
  decide({ ...facts, settings: { ...settings, ...more } }, null, 1000).actions.map(action =>
    action.type === 'comment'
      ? `comment ${action.part.messages}${action.part.internal ? ' internal' : ''}`
      : action.type,
  );
const copied = { state: 'copied', name: 'x', size: 1, sha256: 'x', url: '/uploads/x' } as const;

describe('before the issue', () => {
  it('makes it and links it, and looks again for the rest', () => {
    const facts = { escalation: fresh, ticket, project: { visible: true, public: false }, settings };
    expect(planOf(facts)).toEqual(['create', 'note']);
    expect(decide(facts, null, 1000).lookAgainAt).toBe(1000);
  });

  it.each([
    ['no such ticket', { ticket: null }],
    ['spam', { ticket: { ...ticket, unfit: 'spam' as const } }],
    ['a deleted ticket', { ticket: { ...ticket, unfit: 'deleted' as const } }],
    ['a project that cannot be seen', { project: { visible: false, public: false } }],
  ])('says why not: %s', (_what, differing) => {
    expect(planOf({ escalation: fresh, ticket, project: { visible: true, public: false }, ...differing })).toEqual([
      'fail',
    ]);
  });

  it('does nothing that nobody has asked for', () => {
    expect(planOf({ escalation: null })).toEqual([]);
  });
});

describe('the copy', () => {
  const begun = { ...fresh, issue, note };

  it('comes in its order: plan, files beside the tag, messages, description, end', () => {
    const facts = {
      escalation: begun,
      ticket,
      messages: [message(1), message(2, { private: true })],
      files: [file('a', 1)],
    };
    expect(planOf(facts)).toEqual(['begin', 'mark', 'file', 'comment 1', 'comment 2 internal', 'describe', 'finish']);
    expect(planOf(facts, { marks: false })).not.toContain('mark');
  });

  it('goes on where it stood, with the comments that were planned', () => {
    const parts = [
      { messages: [1], internal: false },
      { messages: [2, 3], internal: false },
    ];
    const escalation = { ...begun, parts, marked: 'done' as const };
    const messages = [message(1, { copied: true }), message(2), message(3), message(4)];
    expect(planOf({ escalation, ticket, messages, files: [file('a', 1, copied)] })).toEqual([
      'begin',
      'comment 2,3',
      'comment 4',
      'describe',
      'finish',
    ]);
  });

  it('takes up what is there, and writes it not again', () => {
    const escalation = { ...begun, note: null, parts: [{ messages: [1], internal: false }], marked: 'done' as const };
    const facts = {
      escalation,
      ticket,
      messages: [message(1)],
      files: [],
      found: [{ messages: [1], note: 9, removed: [] }],
      foundNote: 5,
    };
    expect(planOf(facts)).toEqual(['take-up', 'describe', 'finish']);
  });

  it('tries a file that failed again, and not one that was given up', () => {
    const failing = { state: 'failing', name: 'x', tries: 2, detail: '' } as const;
    const gone = { state: 'not copied', name: 'x', size: 1, reason: 'gone' } as const;
    const facts = {
      escalation: { ...begun, marked: 'done' as const, parts: [] },
      ticket,
      messages: [],
      files: [file('a', 0, failing), file('b', 0, gone)],
    };
    expect(planOf(facts)).toEqual(['file', 'describe', 'finish']);
  });

  it('leaves the description of an issue that is not ours alone', () => {
    expect(planOf({ escalation: { ...begun, linked: true }, ticket, messages: [], files: [] })).not.toContain(
      'describe',
    );
  });
});

describe('a ticket that is not there', () => {
  const linked = { ...fresh, issue, linked: true };

  it('ends what is not complete, whether its issue was made or linked, and leaves alone what is', () => {
    for (const escalation of [linked, { ...fresh, issue, note }]) {
      const { actions } = decide({ escalation, ticket: null, settings }, null, 0);
      expect(actions).toMatchObject([{ type: 'fail', code: 'SBX_TICKET_NOT_FOUND' }]);
    }
    expect(planOf({ escalation: { ...linked, finished: true }, ticket: null })).toEqual([]);
  });
});

describe('what is complete', () => {
  const done = {
    ...fresh,
    issue,
    note,
    marked: 'done' as const,
    parts: [{ messages: [1], internal: false }],
    described: '1/0',
    finished: true,
  };

  it('rests', () => {
    expect(planOf({ escalation: done })).toEqual([]);
    expect(
      planOf({ escalation: { ...done, follow: true }, ticket, messages: [message(1, { copied: true })], files: [] }),
    ).toEqual([]);
  });

  it('gets later messages where that was asked for, with their files and no others', () => {
    const messages = [message(1, { copied: true }), message(2)];
    const files = [file('old', 1), file('new', 2)];
    const plan = decide({ escalation: { ...done, follow: true }, ticket, messages, files, settings }, null, 0).actions;
    expect(plan.map(action => action.type)).toEqual(['begin', 'file', 'comment', 'describe', 'finish']);
    expect(plan.find(action => action.type === 'file')).toMatchObject({ file: 'new' });
    expect(planOf({ escalation: done, ticket, messages, files })).toEqual([]);
  });
});
