import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { webhookVerifier } from './verify-webhook.ts';

const NOW = Date.UTC(2026, 0, 15, 12);
const BODY = Buffer.from('{"object_kind":"push"}');

/** Standard Webhooks, written down a second time from its specification. */
function sign(token: string, id: string, timestamp: string, body: Uint8Array): string {
  const key = Buffer.from(token.slice('whsec_'.length), 'base64');
  const mac = createHmac('sha256', key);
  mac.update(Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]));
  return `v1,${mac.digest('base64')}`;
}

const newToken = () => `whsec_${randomBytes(32).toString('base64')}`;
const first = newToken();
const second = newToken();

function signed(token: string, { id = 'msg-1', at = NOW, body = BODY as Uint8Array } = {}) {
  const timestamp = String(Math.floor(at / 1000));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': sign(token, id, timestamp, body),
  };
}

const reasonOf = (verdict: { ok: boolean; reason?: string }) => (verdict.ok ? 'accepted' : (verdict.reason ?? ''));

describe('a signed webhook', () => {
  const verify = webhookVerifier({ signingTokens: [first, second], secretTokens: ['plain'] });

  it('fits the published example of Standard Webhooks', () => {
    const example = webhookVerifier({ signingTokens: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], secretTokens: [] });
    const headers = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    };
    expect(example(headers, Buffer.from('{"test": 2432232314}'), 1_614_265_330_000)).toEqual({ ok: true });
  });

  it('is accepted under each of the active tokens, so that they can be changed without a gap', () => {
    expect(verify(signed(first), BODY, NOW)).toEqual({ ok: true });
    expect(verify(signed(second), BODY, NOW)).toEqual({ ok: true });
    expect(reasonOf(verify(signed(newToken()), BODY, NOW))).toContain('none of the configured signing tokens');
  });

  it('is accepted when one of several signatures fits', () => {
    const headers = signed(first);
    const strange = signed(newToken())['webhook-signature'];
    const both = { ...headers, 'webhook-signature': `${strange} v1a,AAAA ${headers['webhook-signature']}` };
    expect(verify(both, BODY, NOW)).toEqual({ ok: true });
  });

  it('is refused when body, id or timestamp are not those that were signed', () => {
    const headers = signed(first);
    expect(verify(headers, Buffer.concat([BODY, Buffer.from(' ')]), NOW).ok).toBe(false);
    expect(verify({ ...headers, 'webhook-id': 'msg-2' }, BODY, NOW).ok).toBe(false);
    const later = String(Math.floor(NOW / 1000) + 1);
    expect(verify({ ...headers, 'webhook-timestamp': later }, BODY, NOW).ok).toBe(false);
  });

  it('is accepted up to five minutes off this clock in either direction, and not a second more', () => {
    for (const sign of [-1, 1]) {
      expect(verify(signed(first, { at: NOW + sign * 300_000 }), BODY, NOW)).toEqual({ ok: true });
      const late = reasonOf(verify(signed(first, { at: NOW + sign * 301_000 }), BODY, NOW));
      expect(late).toContain("301 s away from this machine's clock");
    }
  });

  it.each(['', 'soon', '1e9', '-5', '17684784000000000'])('is refused with the timestamp %j', timestamp => {
    const headers = { ...signed(first), 'webhook-timestamp': timestamp };
    headers['webhook-signature'] = sign(first, 'msg-1', timestamp, BODY);
    expect(verify(headers, BODY, NOW).ok).toBe(false);
  });

  it('is refused without its id or timestamp', () => {
    const { 'webhook-id': id, ...noId } = signed(first);
    expect(id).toBe('msg-1');
    expect(reasonOf(verify(noId, BODY, NOW))).toContain('missing');
    const { 'webhook-timestamp': timestamp, ...noTimestamp } = signed(first);
    expect(Number(timestamp)).toBeGreaterThan(0);
    expect(reasonOf(verify(noTimestamp, BODY, NOW))).toContain('missing');
  });

  it.each(['', 'v1,', 'v1', 'v2,AAAA', 'garbage'])('is refused with the signature %j', signature => {
    expect(verify({ ...signed(first), 'webhook-signature': signature }, BODY, NOW).ok).toBe(false);
  });

  it('is not saved from a wrong signature by a right plain token', () => {
    const headers = { ...signed(newToken()), 'x-gitlab-token': 'plain' };
    expect(verify(headers, BODY, NOW).ok).toBe(false);
  });

  it('is refused where only plain tokens are configured', () => {
    const plainOnly = webhookVerifier({ signingTokens: [], secretTokens: ['plain'] });
    expect(plainOnly({ ...signed(first), 'x-gitlab-token': 'plain' }, BODY, NOW).ok).toBe(false);
  });
});

describe('a webhook with a plain token', () => {
  const verify = webhookVerifier({ signingTokens: [first], secretTokens: ['old secret', 'new secret'] });

  it('is accepted with each of the active tokens', () => {
    expect(verify({ 'x-gitlab-token': 'old secret' }, BODY, NOW)).toEqual({ ok: true });
    expect(verify({ 'x-gitlab-token': 'new secret' }, BODY, NOW)).toEqual({ ok: true });
  });

  it('is accepted beside the id and timestamp that GitLab 19 always sends, however old they are', () => {
    const headers = { 'webhook-id': 'x', 'webhook-timestamp': '1', 'x-gitlab-token': 'new secret' };
    expect(verify(headers, BODY, NOW)).toEqual({ ok: true });
  });

  it.each(['', 'new', 'new secret ', 'NEW SECRET', 'old secretnew secret'])('is refused with %j', token => {
    const verdict = verify({ 'x-gitlab-token': token }, BODY, NOW);
    expect(verdict.ok).toBe(false);
    if (token.trim() !== '') expect(JSON.stringify(verdict)).not.toContain(token);
  });

  it('is refused without a token, and says which headers were looked for', () => {
    const reason = reasonOf(verify({}, BODY, NOW));
    expect(reason).toContain('webhook-signature');
    expect(reason).toContain('X-Gitlab-Token');
  });
});
