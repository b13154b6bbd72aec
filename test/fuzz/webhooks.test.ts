import type { IncomingHttpHeaders } from 'node:http';
import { crc32 } from 'node:zlib';
import { expect } from 'vitest';
import { escalationSignals } from '../../src/automations/escalation/signals.ts';
import type { NewDelivery } from '../../src/engine/intake/delivery.ts';
import { decodeRecord, encodeHead, PREFIX_BYTES } from '../../src/engine/intake/log-record.ts';
import { describeWebhook } from '../../src/gitlab/webhook/describe-webhook.ts';
import { readWebhook } from '../../src/gitlab/webhook/read-webhook.ts';
import { webhookVerifier } from '../../src/gitlab/webhook/verify-webhook.ts';
import { corpus, fuzz, fuzzJson } from './fuzz.ts';

const gitlab = corpus('gitlab-webhook');
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

function parsed(body: Buffer): { json: unknown } | null {
  try {
    return { json: JSON.parse(body.toString('utf8')) };
  } catch {
    return null;
  }
}

function readGitLab(payload: unknown): void {
  const event = readWebhook(payload);
  expect(event.project === null || typeof event.project === 'string').toBe(true);
  if (event.kind === 'push')
    for (const id of [event.before, event.after]) expect(id === null || COMMIT.test(id)).toBe(true);
  if (event.kind === 'issue' || event.kind === 'merge-request') expect(event.iid).toEqual(expect.any(Number));
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
}

fuzz("a webhook of GitLab's", {
  corpus: gitlab,
  words: ['"object_kind":"push",', '"iid":', 'refs/heads/', 'null', '{"', '/-/issues/1', '\\u0000', '"project":{}'],
  parse: body => {
    const { dedupeKey } = describeWebhook({ 'x-gitlab-event': 'Push Hook' }, body);
    expect(dedupeKey).toMatch(/^sha256:[0-9a-f]{64}$/);
    const payload = parsed(body);
    if (payload) readGitLab(payload.json);
  },
});

fuzzJson('a payload of a webhook', { corpus: gitlab.map(body => parsed(body)?.json), parse: readGitLab });

fuzzJson("a webhook of Freshdesk's", {
  corpus: corpus('freshdesk-webhook').map(body => parsed(body)?.json),
  parse: payload => {
    const delivery = { source: 'freshdesk', event: 'ticket', chain: null, origin: 'pushed', receivedAt: 1, payload };
    for (const { key } of escalationSignals(delivery as never, 'acme.freshdesk.com'))
      expect(key).toMatch(/^ticket:acme\.freshdesk\.com\/[1-9]\d{0,15}$/);
  },
});

const NOW = 1_764_000_000_000;
const verify = webhookVerifier({ signingTokens: ['whsec_c2VjcmV0'], secretTokens: ['a-secret'] });

fuzz("a webhook's signature", {
  corpus: [
    `v1,${'A'.repeat(43)}=\n1764000000\nmsg_1\n`,
    'v1,AAAA v1,BBBB v2,CCCC\n1764000000\nmsg_2\n',
    `\n\n\na-secre`,
  ].map(text => Buffer.from(text)),
  words: ['v1,', ' ', '\n', '1764000000', '9'.repeat(13)],
  parse: text => {
    const [signature, timestamp, id, token] = text.toString('latin1').split('\n');
    const headers: IncomingHttpHeaders = {
      ...(signature && { 'webhook-signature': signature }),
      ...(timestamp && { 'webhook-timestamp': timestamp }),
      ...(id && { 'webhook-id': id }),
      ...(token && { 'x-gitlab-token': token }),
    };
    // A text that is nearly right is wrong.
    expect(verify(headers, text, NOW).ok).toBe(!signature && token === 'a-secret');
  },
});

const MARKER = Buffer.from('fedcba9876543210', 'hex');
const frames = gitlab.map((body, at) => {
  const head = { source: 'gitlab', dedupeKey: `d${at}`, event: 'Push Hook', chain: null, origin: 'pushed' } as const;
  const delivery: NewDelivery = { ...head, receivedAt: at, body };
  return Buffer.concat([encodeHead(delivery, MARKER), body]);
});

fuzz('a frame of the intake log', {
  corpus: frames,
  words: [MARKER.toString('latin1')],
  parse: bytes => {
    const record = decodeRecord(bytes, MARKER);
    if (record.state === 'whole') {
      expect(record.length).toBeLessThanOrEqual(bytes.length);
      expect(frames.some(frame => frame.equals(bytes.subarray(0, record.length)))).toBe(true);
    } else if (record.state === 'cut' && record.length !== null) expect(record.length).toBeGreaterThan(bytes.length);
  },
});

fuzz('a frame of the intake log whose checksums are right', {
  corpus: frames,
  parse: bytes => {
    const frame = Buffer.from(bytes);
    if (frame.length < PREFIX_BYTES) return;
    const bodyAt = PREFIX_BYTES + (frame.readUInt32LE(8) % 400);
    if (bodyAt > frame.length) return;
    MARKER.copy(frame);
    frame.writeUInt32LE(bodyAt - PREFIX_BYTES, 8);
    frame.writeUInt32LE(frame.length - bodyAt, 12);
    frame.writeUInt32LE(crc32(frame.subarray(bodyAt)), 16);
    frame.writeUInt32LE(crc32(frame.subarray(PREFIX_BYTES, bodyAt), crc32(frame.subarray(8, 20))), 20);
    // Only a program with our disk can make one; it must not stop the service for ever.
    expect(['whole', 'damaged']).toContain(decodeRecord(frame, MARKER).state);
  },
});
