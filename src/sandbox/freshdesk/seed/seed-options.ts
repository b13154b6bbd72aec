import { z } from 'zod';

const webhook = z.strictObject({
  url: z.url(),
  headers: z.record(z.string(), z.string()).default({}),
  /** The rule's own body, with placeholders; null = Freshdesk's default shape. */
  body: z.string().nullable().default('{"ticket_id":"{{ticket.id}}"}'),
  events: z
    .array(z.enum(['ticket_created', 'ticket_updated', 'note_added', 'reply_sent', 'reply_received']))
    .nullable()
    .default(null),
});
/** What `POST /_sandbox/webhooks` takes. */
export const webhookOptions = webhook;

/** What `/_sandbox/seed` and `startSandbox({ freshdeskSeed })` take; everything is optional. */
export const freshdeskSeedOptions = z.strictObject({
  /** Calls a minute for the account, and of those for creating, updating, listing tickets. */
  limits: z
    .strictObject({
      total: z.int().positive().optional(),
      create: z.int().positive().optional(),
      update: z.int().positive().optional(),
      list: z.int().positive().optional(),
    })
    .optional(),
  /** How long a signed attachment URL lives; 300 as in the real thing unless told. */
  attachment_ttl_s: z.int().positive().optional(),
  /** Custom fields the ticket form insists on; `cf_product` unless told. */
  required_fields: z.array(z.enum(['cf_product', 'cf_dev_status'])).optional(),
  webhooks: z.array(webhook).optional(),
  /** Of the agent Signalbox; `sandbox` unless told. */
  api_key: z.string().min(1).optional(),
  /** Waits before the second, third, … attempt. */
  webhook_retry_ms: z.array(z.int().nonnegative()).optional(),
  webhook_timeout_ms: z.int().positive().optional(),
  webhook_spread_ms: z.int().nonnegative().optional(),
  /** Ticket 1001 with so many conversations and so many attachments of so many bytes, spread over the conversations. */
  bulk: z
    .strictObject({
      conversations: z.int().nonnegative().default(0),
      attachments: z.int().nonnegative().default(0),
      attachment_size: z
        .int()
        .nonnegative()
        .default(2 * 1024 * 1024),
    })
    .optional(),
  /** So many small tickets more, from 2001 on, with three conversations and one attachment each. */
  tickets: z.int().nonnegative().optional(),
});
export type FreshdeskSeedOptions = z.input<typeof freshdeskSeedOptions>;
export type FreshdeskSeed = z.output<typeof freshdeskSeedOptions>;
