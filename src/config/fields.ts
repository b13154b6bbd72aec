import { isIP } from 'node:net';
import { z } from 'zod';
import { BYTE_SIZE_PATTERN, DURATION_PATTERN, parseByteSize, parseDuration } from './quantities.ts';

/**
 * The building blocks that every automation's settings are made of. Each refuses in words that say what to write
 * instead, and none of them ever repeats the value it refuses: it might be a secret in the wrong place. None of them
 * says `abort` (nor does z.int() appear), because an aborted field silences the checks of every section around it, and
 * all faults are to appear at once.
 */

/**
 * Where a secret is, never the secret itself. `secretIn` marks it among all other settings, so that it can be found by
 * whoever resolves paths or redacts; a relative `path` has become absolute by the time `loadConfig` returns.
 */
export type SecretReference =
  | { secretIn: 'file'; path: string }
  | { secretIn: 'env'; name: string }
  | { secretIn: 'credential'; name: string };

const SECRET_FORMS = '{ file: /path }, { env: NAME } or { credential: name }';

function explainSecret(input: unknown): string {
  if (typeof input === 'string' || typeof input === 'number')
    return (
      `must not stand here in plain text, because this file gets copied, committed and shown: ` +
      `put it elsewhere and name the place, as ${SECRET_FORMS}`
    );
  if (input === undefined) return `is missing: name where the secret is, as ${SECRET_FORMS}`;
  return `must be exactly one of ${SECRET_FORMS}`;
}

/** A reference to a secret: `{file}`, `{env}` or systemd's `{credential}`. */
export const secret = z
  .union(
    [
      z.strictObject({
        file: z.string().min(1, 'must name a file').describe('A file that holds the secret and nothing else.'),
      }),
      z.strictObject({
        env: z
          .string()
          .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable, not the secret itself')
          .describe('The name of an environment variable.'),
      }),
      z.strictObject({
        // systemd allows no more in a credential's name, and a path must not get through.
        credential: z
          .string()
          .regex(/^(?!\.)[A-Za-z0-9_.-]+$/, 'must be the name of a systemd credential: letters, digits, _ . -')
          .describe('The name of a systemd credential (`LoadCredential=`).'),
      }),
    ],
    { error: issue => explainSecret(issue.input) },
  )
  .transform((reference): SecretReference => {
    if ('file' in reference) return { secretIn: 'file', path: reference.file };
    if ('env' in reference) return { secretIn: 'env', name: reference.env };
    return { secretIn: 'credential', name: reference.credential };
  });

/** `15m` to milliseconds. */
export const duration = z
  .string({ error: 'must be a duration with its unit, such as 90s, 15m, 1h30m or 2d' })
  .regex(DURATION_PATTERN, 'must be a duration with its unit, such as 90s, 15m, 1h30m or 2d')
  .transform((text, context) => {
    const milliseconds = parseDuration(text);
    if (milliseconds !== undefined) return milliseconds;
    context.addIssue('must name each unit once, the largest first, such as 1h30m');
    return z.NEVER;
  });

/** `8GiB` to a number of bytes, at most 2^53 - 1. */
export const byteSize = z
  .string({ error: 'must be a size with its unit, such as 512MiB or 8GiB' })
  .regex(BYTE_SIZE_PATTERN, 'must be a size with its unit, such as 512MiB or 8GiB')
  .transform((text, context) => {
    const bytes = parseByteSize(text);
    if (bytes !== undefined) return bytes;
    context.addIssue('must come to a whole number of bytes, at most 8191TiB');
    return z.NEVER;
  });

// GitLab's path rules: a segment starts with a letter, digit or underscore and does not end in .git or .atom.
const SEGMENT = '(?![A-Za-z0-9_.-]*\\.(?:git|atom)(?:/|$))[A-Za-z0-9_][A-Za-z0-9_.-]*';
const PATTERN_SEGMENT = '[A-Za-z0-9_*][A-Za-z0-9_.*-]*';

/** The path of one GitLab project: `acme/appliance`, `acme/tools/builder`. */
export const projectPath = z
  .string()
  .regex(
    new RegExp(`^${SEGMENT}(?:/${SEGMENT})+$`),
    'must be a project path as in its address, such as acme/appliance',
  );

/** The path of a group, at the top or below another: `acme`, `acme/tools`. */
export const groupPath = z
  .string()
  .regex(
    new RegExp(`^${SEGMENT}(?:/${SEGMENT})*$`),
    'must be a group path as in its address, such as acme or acme/tools',
  );

/** A project path in which `*` stands for any characters but the slash: `acme/lib-*`. */
export const projectPattern = z
  .string()
  .regex(
    new RegExp(`^${PATTERN_SEGMENT}(?:/${PATTERN_SEGMENT})+$`),
    'must be a project path, with * for any characters but the slash, such as acme/lib-*',
  );

/** An http(s) address without query, fragment or sign-in, returned without a trailing slash. */
export const httpUrl = z
  .string()
  .regex(/^https?:\/\/[^/]/i, 'must be an address that starts with https:// or http://')
  .transform((text, context) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined) {
      context.addIssue('must be a valid address, such as https://gitlab.example.com');
      return z.NEVER;
    }
    if (url.username !== '' || url.password !== '') context.addIssue('must not carry a user or password');
    if (url.search !== '' || url.hash !== '') context.addIssue('must end before ? and #');
    return (url.origin + url.pathname).replace(/\/+$/, '');
  });

/** Where to listen; port 0 lets the system choose. */
export interface ListenAddress {
  host: string;
  port: number;
}

/** `127.0.0.1:8080` or `[::1]:8080`; the host is demanded, so that nobody opens a port to the world by accident. */
export const listenAddress = z
  .string({ error: 'must be host:port, such as 127.0.0.1:8080 (this machine only) or 0.0.0.0:8080 (everyone)' })
  .regex(
    /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/,
    'must be host:port, such as 127.0.0.1:8080 (this machine only) or 0.0.0.0:8080 (everyone)',
  )
  .transform((text, context): ListenAddress => {
    const colon = text.lastIndexOf(':');
    const port = Number(text.slice(colon + 1));
    if (port > 65_535) context.addIssue('must have a port of at most 65535');
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port };
  });

const RANGES = ['loopback', 'linklocal', 'uniquelocal'];
const PROXY = 'must be an address, a network such as 10.0.0.0/8, or loopback';

/** Where a proxy may be: `10.0.0.5`, `10.0.0.0/8`, `fd00::/8`, `loopback`. */
export const proxyAddress = z.string({ error: PROXY }).refine(text => {
  if (RANGES.includes(text)) return true;
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}, PROXY);

/** A name for people and logs. */
export const name = z
  .string()
  .regex(/^[^\s\p{Cc}](?:[^\p{Cc}]{0,98}[^\s\p{Cc}])?$/u, 'must be a name of 1 to 100 characters on one line');
