import { isIP } from 'node:net';
import { z } from 'zod';
import { httpUrl, listenAddress, name, secret } from './fields.ts';

const apiToken = z.strictObject({
  name: name.describe('Who holds the token; appears in the journal.'),
  role: z.enum(['viewer', 'operator']).describe('A viewer reads; an operator may also replay and retry.'),
  token: secret.describe('The token, sent as `Authorization: Bearer`.'),
});

const database = z
  .union(
    [
      z.literal('sqlite'),
      z.strictObject({ postgres: secret.describe('The connection address, a secret because it carries a password.') }),
    ],
    {
      error: issue =>
        typeof issue.input === 'object' && issue.input !== null
          ? undefined
          : 'must be sqlite, or { postgres: { env: DATABASE_URL } } (the address is a secret: it carries a password)',
    },
  )
  .describe('`sqlite` keeps everything in one file in `data_dir`; `postgres` allows several processes.');

/** How the service itself runs. */
export const serviceSettings = z.strictObject({
  listen: listenAddress
    .prefault('127.0.0.1:8080')
    .describe('Host and port of the HTTP server. Port 0 takes any free one. SIGNALBOX_LISTEN goes before it.'),
  public_url: httpUrl
    .optional()
    .describe(
      'The address by which browsers, GitLab and Freshdesk reach the service, for links and webhooks. Without it: the address it listens on. SIGNALBOX_PUBLIC_URL goes before it.',
    ),
  data_dir: z
    .string()
    .min(1, 'must name a directory')
    .prefault('signalbox-data')
    .describe(
      'The directory for the database and artifacts. A relative path counts from the directory of this file. SIGNALBOX_DATA_DIR goes before it.',
    ),
  database: database
    .prefault('sqlite')
    .describe(
      'Where deliveries, work and the journal are kept: `sqlite` (one file in `data_dir`, one process) or `{ postgres: { env: DATABASE_URL } }` (any number of processes).',
    ),
  api_tokens: z
    .array(apiToken)
    .superRefine(
      (tokens, context) => {
        if (!Array.isArray(tokens)) return;
        const names = tokens.map(token => (token as { name?: unknown } | null)?.name);
        names.forEach((each, index) => {
          if (each !== undefined && names.indexOf(each) < index)
            context.addIssue({ code: 'custom', path: [index, 'name'], message: 'is there twice' });
        });
      },
      { when: () => true },
    )
    .prefault([])
    .describe('Tokens for programs that read the HTTP API: dashboards, scripts.'),
  trusted_proxies: z
    .array(z.string().refine(text => isIP(text) !== 0 && !text.includes('%'), 'must be an IP address'))
    .prefault([])
    .describe(
      'Reverse proxies on other machines, by IP address: their `X-Forwarded-For` says who a request comes from. Those on this machine are always believed.',
    ),
  dashboard: z
    .strictObject({ token: secret.describe('The token people sign in with.') })
    .optional()
    .describe('Sign-in to the dashboard. Without it nobody can sign in.'),
});
