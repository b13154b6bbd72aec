import type { Remote } from './remote.ts';

/** The text without the remote's credential in any form it may have been echoed: header, base64, or the token itself. */
export function hideSecrets(remote: Pick<Remote, 'authorization'>, text: string): string {
  if (remote.authorization === null) return text;
  const encoded = remote.authorization.replace(/^\S+ /, '');
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const token = decoded.slice(decoded.indexOf(':') + 1);
  let hidden = text;
  for (const secret of [encoded, decoded, token, encodeURIComponent(token)]) {
    if (secret !== '') hidden = hidden.replaceAll(secret, '***');
  }
  return hidden;
}
