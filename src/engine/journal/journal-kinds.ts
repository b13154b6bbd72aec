/** What kinds of things are written down, and what the data of each hold. docs/journal.md lists them. */
export const JOURNAL_KINDS = {
  signal: {
    what: 'Something said that a key has to be looked at: a webhook, a press of the button, a schedule.',
    data: '`source`, `event`, `delivery`, and the `reason` why this key; `unreadable` where the body was no JSON',
  },
  decision: {
    what: 'A look came to another verdict than the one before, or plans to do something.',
    data: '`automation`, `verdict`, `because` (the rules, in words), `plan`, `reasons` (why it looked), `facts` (what was read), `dry_run`',
  },
  effect: {
    what: 'An outward call that changes something: done, found done already, or failed.',
    data: '`automation`, `effect`, `summary`, `outcome` (`done`, `found`, `failed`), `ref` (what was made) or `detail`',
  },
  failure: {
    what: 'A look did not come to its end. It is tried again later, or laid aside.',
    data: '`code` and `detail` of the error, `attempts`, and `again_at` or `laid_aside`',
  },
  operator: {
    what: 'A person acted here: sign-in, replay, escalation, promotion, rollback, withdrawal, undo.',
    data: 'what was done, and `by` whom',
  },
  service: {
    what: 'Something about the service itself: a configuration read again, damage in the intake log.',
    data: 'what was found or done',
  },
} as const satisfies Record<string, { what: string; data: string }>;

export type JournalKind = keyof typeof JOURNAL_KINDS;
