/** What kinds of things are written down, and what the data of each hold. docs/journal.md lists them. */
export const JOURNAL_KINDS = {
  signal: {
    what: 'Something said that a key has to be looked at: a webhook, a press of the button, a schedule.',
    data: '`source`, `event`, `delivery`, and the `reason` why this key; `unreadable` where the body was no JSON',
  },
  decision: {
    what: 'A look came to another verdict than the one before, or plans to do something.',
    data: '`verdict`, `because` (the rules, in words), `facts` (what was read), the planned actions',
  },
  effect: {
    what: 'An outward call that changes something: done, found done already, only thought (dry run), or failed.',
    data: '`summary`, `outcome`, `detail`',
  },
  failure: {
    what: 'A look did not come to its end. It is tried again later, or laid aside.',
    data: '`error` with its code, the number of the attempt, and when the next one is',
  },
  operator: {
    what: 'A person acted here: replay, promotion, rollback, withdrawal, undo.',
    data: 'what was done, and `by` whom',
  },
  service: {
    what: 'Something about the service itself: its configuration, its intake log, its database.',
    data: 'what was found or done',
  },
} as const satisfies Record<string, { what: string; data: string }>;

export type JournalKind = keyof typeof JOURNAL_KINDS;
