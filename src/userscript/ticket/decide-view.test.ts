import { describe, expect, it } from 'vitest';
import type { Escalation } from '../service/escalation.ts';
import { decideView, type Situation } from './decide-view.ts';
import { nextLook } from './next-look.ts';

const ISSUE = { url: 'https://gitlab.example.com/1', reference: 'acme/appliance#1', state: 'opened', labels: [] };

function situation(escalation: Partial<Escalation> | null, more: Partial<Situation> = {}): Situation {
  const whole: Escalation = {
    ticket: 7,
    state: 'none',
    done: 0,
    total: 0,
    step: '',
    issue: null,
    warnings: [],
    failure: '',
    requestedBy: '',
    waiting: '',
    ...escalation,
  };
  return { escalation: escalation && whole, trouble: null, sending: false, ...more };
}

describe('what the toolbar shows', () => {
  const rows: [string, Situation, object][] = [
    ['nothing is known yet', situation(null), { button: { text: 'GitLab …', press: null, busy: true } }],
    ['not escalated', situation({}), { button: { text: 'Escalate to GitLab', press: 'ask' }, issue: null }],
    ['no token', situation(null, { trouble: 'token' }), { button: { text: 'Escalate to GitLab', press: 'token' } }],
    ['no answer', situation(null, { trouble: 'silent' }), { button: { text: 'Escalate to GitLab', press: 'ask' } }],
    ['sending', situation({}, { sending: true }), { button: { text: 'sending …', press: null, busy: true } }],
    [
      'running, amount unknown',
      situation({ state: 'running' }),
      { button: { text: 'running …', press: null, busy: true }, progress: null },
    ],
    [
      'running',
      situation({ state: 'running', done: 3, total: 12, step: 'files', issue: ISSUE }),
      {
        button: { text: 'running 3/12', hint: 'Files are being copied. You need not wait' },
        progress: 0.25,
        issue: ISSUE,
      },
    ],
    [
      'running, and GitLab holds it up',
      situation({ state: 'running', step: 'issue', waiting: 'GitLab does not answer' }),
      { button: { hint: 'The issue is being made. Held up: GitLab does not answer. You need not wait' } },
    ],
    [
      'running, and the line is bad',
      situation({ state: 'running', done: 3, total: 12 }, { trouble: 'silent' }),
      { button: { text: 'running 3/12', busy: true } },
    ],
    [
      'done',
      situation({ state: 'done', issue: ISSUE, requestedBy: 'Ada' }),
      { button: null, issue: ISSUE, requestedBy: 'Ada' },
    ],
    [
      'done with warnings',
      situation({ state: 'done_with_warnings', issue: ISSUE, warnings: ['a'] }),
      { button: null, issue: ISSUE, warnings: ['a'] },
    ],
    ['done, but no issue can be shown', situation({ state: 'done' }), { button: { press: 'ask' }, issue: null }],
    [
      'failed',
      situation({ state: 'failed', failure: 'why' }),
      { button: { text: 'Escalation failed', press: 'failure' }, failure: 'why' },
    ],
  ];
  it.each(rows)('%s', (_name, given, expected) => {
    expect(decideView(given)).toMatchObject(expected);
  });
});

describe('when the service is asked again', () => {
  it('is soon while something runs, less soon while nothing moves, and seldom otherwise', () => {
    const running = situation({ state: 'running' });
    expect([0, 1, 5, 50].map(quiet => Math.round(nextLook(running, quiet)))).toEqual([1000, 1300, 3713, 5000]);
    expect(nextLook(situation({ state: 'done', issue: ISSUE }), 0)).toBe(60_000);
    expect(nextLook(situation(null, { trouble: 'silent' }), 9)).toBe(30_000);
  });
});
