/** Secrets that were read, so that none of them can appear in a text, wherever it got into one. */
export interface Redactor {
  add: (secret: string) => void;
  clean: (text: string) => string;
}

/** A text this short stands in others by accident. */
const SHORTEST = 4;

/** Knows each secret as it is, and as JSON, an address or base64 write it down. */
export function createRedactor(secrets: readonly string[] = []): Redactor {
  const known = new Set<string>();
  // The longest first: one secret may be a part of another.
  let forms: string[] = [];
  const redactor: Redactor = {
    add: secret => {
      if (secret.length < SHORTEST || known.has(secret)) return;
      known.add(secret);
      forms = [...new Set([...forms, ...formsOf(secret)])].toSorted((a, b) => b.length - a.length);
    },
    clean: text => {
      let cleaned = text;
      for (const form of forms) if (cleaned.includes(form)) cleaned = cleaned.replaceAll(form, '[secret]');
      return cleaned;
    },
  };
  for (const secret of secrets) redactor.add(secret);
  return redactor;
}

/** What the headers of our requests prove us by, alone and as they carry it. */
export function credentialsIn(headers: Record<string, string>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (!CREDENTIALS.has(name.toLowerCase())) return [];
    const [, scheme, rest] = /^(Basic|Bearer) +(.+)$/i.exec(value) ?? [];
    if (rest === undefined) return [value];
    if (scheme?.toLowerCase() === 'bearer') return [rest];
    const decoded = Buffer.from(rest, 'base64').toString('utf8');
    const colon = decoded.indexOf(':');
    return [rest, decoded, decoded.slice(0, colon), decoded.slice(colon + 1)];
  });
}

const CREDENTIALS = new Set(['authorization', 'private-token', 'job-token', 'cookie']);

function formsOf(secret: string): string[] {
  const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  const base64url = Buffer.from(secret).toString('base64url');
  // A text in JSON may stand in JSON once more.
  return [secret, inJson(secret), inJson(inJson(secret)), encodeURIComponent(secret), base64, base64url];
}
