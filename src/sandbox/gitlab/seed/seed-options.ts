import { z } from 'zod';

/** What `/_sandbox/seed` and `startSandbox({ seed })` take; everything is optional. */
export const seedOptions = z.strictObject({
  /** `16.11`, `18.9`, `19.1`: what the instance says it is, and behaves like. */
  version: z
    .string()
    .regex(/^\d+\.\d+(\.\d+)?$/)
    .optional(),
  tier: z.enum(['free', 'premium', 'ultimate']).optional(),
  /** "All threads must be resolved" of acme/appliance: on unless told. */
  all_threads_must_be_resolved: z.boolean().optional(),
  /** GitLab's ops flag; off on a self-managed instance. */
  auto_disable_hooks: z.boolean().optional(),
  webhook_timeout_ms: z.int().positive().optional(),
  /** How long background jobs and webhooks wait before they start: a busy Sidekiq. */
  background_delay_ms: z.int().nonnegative().optional(),
  /** Per minute and user; 0 = no limit. */
  limits: z
    .strictObject({
      notes_create: z.int().optional(),
      issues_create: z.int().optional(),
      hook_test: z.int().optional(),
    })
    .optional(),
  /** Bulk: tags in acme/lib-ssh, issues and merge requests in acme/appliance, on top of the usual ones. */
  tags: z.int().nonnegative().optional(),
  issues: z.int().nonnegative().optional(),
  merge_requests: z.int().nonnegative().optional(),
});
export type SeedOptions = z.infer<typeof seedOptions>;
