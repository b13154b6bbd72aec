import { expect, it } from 'vitest';
import { describeExplanation } from './explain.ts';

it('says in words what the last look failed with', () => {
  const error = { code: 'SBX_REMOTE_UNREACHABLE', detail: 'gitlab: nobody answers', at: 1795902573250 };
  const next = { due_at: '2026-11-28T22:32:52.333Z', reasons: [], attempts: 2, running: false, laid_aside: false };
  const explanation = { key: 'issue:a#1', automation: null, facts: null, decision: null, effects: [], journal: [] };
  expect(describeExplanation({ ...explanation, next: { ...next, error } })).toContain(
    `  error     SBX_REMOTE_UNREACHABLE: gitlab: nobody answers (${new Date(error.at).toISOString()})`,
  );
});
