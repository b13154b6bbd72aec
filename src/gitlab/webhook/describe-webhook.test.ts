import { describe, expect, it } from 'vitest';
import { describeWebhook } from './describe-webhook.ts';

const BODY = Buffer.from('{"a":1}');

describe('what the headers say about a delivery', () => {
  it('names a copy by webhook-id, else Idempotency-Key', () => {
    const both = { 'webhook-id': 'w', 'idempotency-key': 'i' };
    expect(describeWebhook(both, BODY).dedupeKey).toBe('w');
    expect(describeWebhook({ 'idempotency-key': 'i' }, BODY).dedupeKey).toBe('i');
  });

  it('names it by event and body where an older GitLab sends neither', () => {
    const one = describeWebhook({ 'x-gitlab-event': 'Push Hook', 'x-gitlab-webhook-uuid': '1' }, BODY);
    const copy = describeWebhook({ 'x-gitlab-event': 'Push Hook', 'x-gitlab-webhook-uuid': '2' }, BODY);
    const otherEvent = describeWebhook({ 'x-gitlab-event': 'Tag Push Hook' }, BODY);
    const otherBody = describeWebhook({ 'x-gitlab-event': 'Push Hook' }, Buffer.from('{"a":2}'));
    expect(copy.dedupeKey).toBe(one.dedupeKey);
    expect(new Set([one.dedupeKey, otherEvent.dedupeKey, otherBody.dedupeKey]).size).toBe(3);
  });

  it('reads the event and the chain, and bounds what a sender can make us keep', () => {
    const described = describeWebhook(
      { 'x-gitlab-event': 'Push Hook', 'x-gitlab-event-uuid': 'chain', 'idempotency-key': 'k'.repeat(5000) },
      BODY,
    );
    expect(described).toMatchObject({ event: 'Push Hook', chain: 'chain' });
    expect(described.dedupeKey).toHaveLength(200);
    expect(describeWebhook({}, BODY)).toMatchObject({ event: '', chain: null });
  });
});
