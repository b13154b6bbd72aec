import { z } from 'zod';
import { httpUrl, secret } from './fields.ts';

const domain = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.[a-z]{2,}$/i,
    "must be the account's own host, such as acme.freshdesk.com, without https://",
  );

const fileHost = z
  .string()
  .regex(/^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/, 'must be a host, or host:port, without https://');

/** The connection to Freshdesk. */
export const freshdeskSettings = z
  .strictObject({
    domain: domain
      .optional()
      .describe(
        "The account's own host, for example acme.freshdesk.com; the API does not answer under a domain of your own.",
      ),
    url: httpUrl
      .optional()
      .describe(
        'Instead of `domain`: a whole address, for a simulated Freshdesk such as http://127.0.0.1:9020. Its host may then serve files as well.',
      ),
    api_key: secret.describe(
      'The API key of an agent who sees all tickets: an agent of its own for Signalbox, so that its notes are recognised.',
    ),
    webhook_secret: secret
      .optional()
      .describe(
        'Sent as `X-Signalbox-Secret` by the automation rules in Freshdesk. Without it, its webhooks are refused.',
      ),
    rate_share: z
      .number()
      .gt(0)
      .max(1)
      .prefault(0.5)
      .describe(
        "The share of the account's calls a minute that Signalbox may take: the limit is common to all agents and apps.",
      ),
    file_hosts: z
      .array(fileHost)
      .prefault([])
      .describe(
        'More hosts that attachments may be fetched from, besides those of Freshdesk. Those may be private; all other private addresses are refused.',
      ),
  })
  .superRefine(
    (settings, context) => {
      if (typeof settings !== 'object' || settings === null) return;
      const given = [settings.domain, settings.url].filter(each => each !== undefined).length;
      if (given !== 1) context.addIssue('needs either domain or url');
    },
    { when: () => true },
  );

export type FreshdeskSettings = z.output<typeof freshdeskSettings>;

/** The address of the account, as the client wants it. */
export function freshdeskUrl({ domain: host, url }: FreshdeskSettings): string {
  return url ?? `https://${host}`;
}

/** Hosts that files may come from, besides Freshdesk's own. */
export function freshdeskFileHosts({ url, file_hosts }: FreshdeskSettings): string[] {
  // A simulated account serves its files from another port of the same machine.
  return url === undefined ? file_hosts : [...file_hosts, new URL(url).hostname];
}
