import { expect, test } from 'vitest';
import type { StateEvent } from '../../gitlab/client/history.ts';
import { findClosing } from './find-closing.ts';
import type { ReadCandidate } from './read-candidates.ts';

const AT = Date.parse('2026-03-01T12:00:00.000Z');
const MERGED: ReadCandidate = {
  id: 501,
  project: 'acme/appliance',
  iid: 7,
  baseUrl: 'https://gitlab.example.com',
  title: 'Fix',
  description: 'Closes #1',
  state: 'merged',
  draft: false,
  targetBranch: 'main',
  mergeCommits: ['aaa'],
  createdAt: AT - 9e6,
  mergedAt: AT,
  closedAt: null,
  updatedAt: AT,
  mergedBy: 3,
  version: 'v',
};

function event(changes: Partial<StateEvent>): StateEvent {
  return {
    id: 1,
    user: { id: 3, username: 'maintainer' },
    created_at: new Date(AT + 2000).toISOString(),
    state: 'closed',
    source_commit: null,
    source_merge_request_id: null,
    ...changes,
  };
}

/** A version that does not say what closed it. */
function silent(changes: Partial<StateEvent> = {}): StateEvent {
  const { source_commit: _commit, source_merge_request_id: _mergeRequest, ...rest } = event(changes);
  return rest;
}

test.each<[string, StateEvent[], string | null]>([
  ['by the merge request', [event({ source_merge_request_id: 501 })], 'acme/appliance!7'],
  ['by a merge request that is no candidate', [event({ source_merge_request_id: 502 })], null],
  ['by its merge commit', [event({ source_commit: 'aaa' })], 'acme/appliance!7'],
  ['by a commit that it brought in', [event({ source_commit: 'bbb' })], 'acme/appliance!7'],
  ['by a commit that somebody pushed', [event({ source_commit: 'ccc' })], null],
  ['by a person', [event({})], null],
  ['by a person, at the time of the merge', [event({ user: { id: 3, username: 'maintainer' } })], null],
  ['by a person after a merge was taken back', [event({ source_merge_request_id: 501 }), event({ id: 2 })], null],
  ['silently, by who merged, at the time of the merge', [silent()], 'acme/appliance!7'],
  ['silently, by somebody else', [silent({ user: { id: 4, username: 'ada' } })], null],
  ['silently, much later', [silent({ created_at: new Date(AT + 3_600_000).toISOString() })], null],
])('closed %s', async (_name, events, mergeRequest) => {
  const gitlab: Parameters<typeof findClosing>[0] = {
    history: { stateEvents: async () => events },
    mergeRequests: { commits: async () => [{ id: 'bbb' }] },
  };
  const closing = await findClosing(gitlab, { project: 'acme/appliance', iid: 1 }, [MERGED]);
  expect(closing?.mergeRequest).toBe(mergeRequest);
});

test('opened again: not closed, whatever happened before', async () => {
  const events = [event({ source_merge_request_id: 501 }), event({ id: 2, state: 'reopened' })];
  const gitlab = { history: { stateEvents: async () => events }, mergeRequests: { commits: async () => [] } };
  expect(await findClosing(gitlab, { project: 'acme/appliance', iid: 1 }, [MERGED])).toBeNull();
});
