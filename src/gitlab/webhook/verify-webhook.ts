import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** The secrets that a hook may be set up with; several of each at once, so that they can be changed without a gap. */
export interface WebhookSecrets {
  /** Standard Webhooks signing tokens, `whsec_` + base64 (GitLab 19 and newer). */
  signingTokens: readonly string[];
  /** Plain tokens, compared with `X-Gitlab-Token`. */
  secretTokens: readonly string[];
}

export type WebhookVerdict = { ok: true } | { ok: false; reason: string };

const TOLERANCE_S = 5 * 60;

/**
 * Makes the check for one set of secrets. The scheme is chosen by the presence of `webhook-signature` alone: GitLab 19 sends
 * the id and the timestamp on every delivery, but signs only where a signing token is set.
 */
export function webhookVerifier(
  secrets: WebhookSecrets,
): (headers: IncomingHttpHeaders, body: Uint8Array, now: number) => WebhookVerdict {
  const keys = secrets.signingTokens.map(token => Buffer.from(token.replace(/^whsec_/, ''), 'base64'));
  const digests = secrets.secretTokens.map(digest);
  return (headers, body, now) => {
    const signature = headers['webhook-signature'];
    if (signature !== undefined) return verifySignature(keys, String(signature), headers, body, now);
    const token = headers['x-gitlab-token'];
    if (typeof token !== 'string') return refused('neither a webhook-signature nor an X-Gitlab-Token header');
    if (!includesEqual(digests, digest(token)))
      return refused('X-Gitlab-Token is none of the configured secret tokens');
    return { ok: true };
  };
}

function verifySignature(
  keys: readonly Buffer[],
  signatures: string,
  headers: IncomingHttpHeaders,
  body: Uint8Array,
  now: number,
): WebhookVerdict {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  if (typeof id !== 'string' || typeof timestamp !== 'string')
    return refused('webhook-id or webhook-timestamp is missing');
  if (!/^\d{1,12}$/.test(timestamp)) return refused('webhook-timestamp is not a number of seconds');
  const skew = Math.abs(now / 1000 - Number(timestamp));
  if (skew > TOLERANCE_S) {
    return refused(
      `webhook-timestamp is ${Math.round(skew)} s away from this machine's clock; at most ${TOLERANCE_S} s are allowed`,
    );
  }
  const given = signatures
    .split(' ')
    .filter(part => part.startsWith('v1,'))
    .map(part => Buffer.from(part.slice(3), 'base64'));
  for (const key of keys) {
    const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
    if (includesEqual(given, expected)) return { ok: true };
  }
  return refused('webhook-signature fits none of the configured signing tokens');
}

/** Compares with every candidate, in time that does not depend on which one fits. */
function includesEqual(candidates: readonly Uint8Array[], wanted: Uint8Array): boolean {
  let found = false;
  for (const candidate of candidates) {
    if (candidate.byteLength === wanted.byteLength && timingSafeEqual(candidate, wanted)) found = true;
  }
  return found;
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

function refused(reason: string): WebhookVerdict {
  return { ok: false, reason };
}
