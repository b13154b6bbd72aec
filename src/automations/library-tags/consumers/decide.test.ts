import { expect, it } from 'vitest';
import { decideConsumer } from './decide.ts';
import type { ConsumerFacts } from './facts.ts';
import { readChange, renderCommit, renderDescription, renderTitle } from './render.ts';

const BUMP = {
  dir: '',
  path: 'x.com/acme/lib-ssh',
  from: 'v1.4.2',
  to: 'v1.4.3',
  library: 'acme/lib-ssh',
  tag: 'v1.4.3',
  unmet: [],
};
const OURS = { head: 'a'.repeat(40), ours: true, change: '0123456789abcdef' };

function facts(more: Partial<ConsumerFacts> = {}): ConsumerFacts {
  return {
    project: 'acme/appliance',
    branch: 'main',
    state: 'there',
    head: 'b'.repeat(40),
    bumps: [BUMP],
    change: '0123456789abcdef',
    ownBranch: null,
    request: null,
    vendored: false,
    ...more,
  };
}

const request = (state: 'opened' | 'closed' | 'merged', change: string | null = '0123456789abcdef') => ({
  iid: 7,
  state,
  change,
});

it.each([
  ['nothing there yet', facts(), 'to be proposed', ['commit', 'open']],
  ['a crash between commit and merge request', facts({ ownBranch: OURS }), 'to be proposed', ['open']],
  ['all is there', facts({ ownBranch: OURS, request: request('opened') }), 'proposed in !7', []],
  [
    'a further version',
    facts({ ownBranch: { ...OURS, change: 'f'.repeat(16) }, request: request('opened', 'f'.repeat(16)) }),
    '!7',
    ['commit', 'edit'],
  ],
  [
    'a crash between commit and text',
    facts({ ownBranch: OURS, request: request('opened', 'f'.repeat(16)) }),
    '!7',
    ['edit'],
  ],
  ['declined', facts({ ownBranch: OURS, request: request('closed') }), 'declined', []],
  [
    'an earlier one was declined',
    facts({ ownBranch: OURS, request: request('closed', 'f'.repeat(16)) }),
    'to be proposed',
    ['open'],
  ],
  [
    'an earlier one was merged',
    facts({ request: request('merged', 'f'.repeat(16)) }),
    'to be proposed',
    ['commit', 'open'],
  ],
  [
    'a person has committed to it',
    facts({ ownBranch: { ...OURS, ours: false, change: null }, request: request('opened') }),
    'in other hands',
    [],
  ],
  ['up to date', facts({ bumps: [] }), 'up to date', []],
  ['done by another way', facts({ bumps: [], ownBranch: OURS, request: request('opened') }), 'up to date', ['close']],
  [
    'done, with a person at it',
    facts({ bumps: [], ownBranch: { ...OURS, ours: false }, request: request('opened') }),
    'up to date',
    [],
  ],
  ['no branch', facts({ state: 'no such branch' }), 'no such branch', []],
])('%s', (_title, found, verdict, actions) => {
  const decision = decideConsumer(found);
  expect(decision.verdict).toBe(verdict);
  expect(decision.actions.map(({ type }) => type)).toEqual(actions);
});

it('names one library, counts several, and is a draft where go has to finish it', () => {
  expect(renderTitle(facts())).toBe('Update lib-ssh to v1.4.3 (main)');
  const other = { ...BUMP, path: 'x.com/acme/lib-log/v2', to: 'v2.0.1' };
  expect(renderTitle(facts({ bumps: [other] }))).toBe('Update lib-log to v2.0.1 (main)');
  expect(renderTitle(facts({ bumps: [BUMP, other] }))).toBe('Update 2 libraries (main)');
  const unmet = facts({ bumps: [{ ...BUMP, unmet: ['y.com/new v1.0.0'] }] });
  expect(renderTitle(unmet)).toBe('Draft: Update lib-ssh to v1.4.3 (main)');
  expect(renderDescription(unmet, 'https://g')).toContain(
    'The new versions also require `y.com/new v1.0.0`: run `go mod tidy`',
  );
});

it('knows its own commit again, and nobody else’s', () => {
  expect(readChange(renderCommit(facts()))).toBe('0123456789abcdef');
  expect(readChange('Fix it\n\nSignalbox-Change: none\n')).toBeNull();
});
