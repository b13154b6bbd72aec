import { z } from 'zod';
import { dashboardSettings } from './dashboard.ts';
import { httpUrl, listenAddress, name, proxyAddress, secret } from './fields.ts';
import { s3Settings } from './s3.ts';

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

const artifacts = z
  .union(
    [
      z.literal('disk'),
      z.strictObject({
        directory: z
          .string()
          .min(1, 'must name a directory')
          .describe(
            'A directory that every process on one PostgreSQL has on the same machine. A relative path counts from the directory of this file.',
          ),
      }),
      z.strictObject({ s3: s3Settings.describe('A bucket that processes on any number of machines share.') }),
    ],
    {
      error: issue =>
        typeof issue.input === 'object' && issue.input !== null
          ? undefined
          : 'must be disk, { directory: … } or { s3: { bucket: …, access_key: …, secret_key: … } }',
    },
  )
  .describe('`disk` keeps them in `data_dir`; `{ directory: … }` elsewhere; `{ s3: … }` in a bucket.');

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
  artifacts: artifacts
    .prefault('disk')
    .describe(
      'Where releases, the logs of their scripts and the published channel files are kept: `disk` (in `data_dir`), `{ directory: … }`, which several processes on one machine share, or `{ s3: … }`, which processes on several machines share.',
    ),
  log_level: z
    .enum(['debug', 'info', 'warn', 'error'])
    .prefault('info')
    .describe('What is logged; `debug` names every look. SIGNALBOX_LOG_LEVEL goes before it.'),
  traces: z
    .strictObject({
      otlp: httpUrl.describe('The OpenTelemetry collector, for example http://127.0.0.1:4318 (OTLP over HTTP).'),
      share: z
        .number()
        .min(0)
        .max(1)
        .prefault(1)
        .describe('The share of looks and deliveries that are sent, from 0 to 1.'),
    })
    .optional()
    .describe('Sends traces of deliveries, looks, effects and HTTP requests to a collector. Off without it.'),
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
  dashboard: dashboardSettings.optional().describe('Sign-in to the dashboard. Without it nobody can sign in.'),
  trusted_proxies: z
    .array(proxyAddress)
    .prefault(['loopback'])
    .describe(
      'Whose `X-Forwarded-For` is believed: addresses, networks, `loopback`. Failed sign-ins are counted by the address found there.',
    ),
});
