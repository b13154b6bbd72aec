/** Every text that an agent reads, in one place. */
export const TEXTS = {
  escalate: 'Escalate to GitLab',
  loading: 'GitLab …',
  sending: 'sending …',
  running: (done: number, total: number) => (total > 0 ? `running ${done}/${total}` : 'running …'),
  failed: 'Escalation failed',
  warnings: (count: number) => (count === 1 ? '1 warning' : `${count} warnings`),
  moreLabels: (count: number) => `+${count}`,

  offerHint: 'Makes a GitLab issue of this ticket, with all comments and attachments',
  tokenHint: 'Your token is needed once',
  offlineHint: 'Signalbox does not answer at the moment',
  runningHint: 'You need not wait',
  waiting: (what: string) => `Held up: ${what}`,
  steps: {
    issue: 'The issue is being made',
    link: 'The link is being put on the ticket',
    files: 'Files are being copied',
    messages: 'Messages are being copied',
    description: 'The description is being completed',
  } as Readonly<Record<string, string>>,
  failedHint: 'What went wrong, and trying again',
  issueHint: (reference: string, by: string) =>
    by === '' ? `Opens ${reference} in GitLab` : `Opens ${reference} in GitLab; escalated by ${by}`,

  announceRunning: 'The escalation is running',
  announceDone: (reference: string) => `Escalated: ${reference}`,
  announceFailed: 'The escalation has failed',

  askTitle: (ticket: number) => `Escalate ticket ${ticket} to GitLab?`,
  askLoading: 'Looking at the ticket …',
  askNoPreview: 'There is no preview at the moment.',
  confirm: 'Escalate',
  cancel: 'Cancel',
  close: 'Close',
  retry: 'Try again',
  previewSubject: 'Title',
  previewFiles: 'Files',
  previewMessages: 'Messages',
  previewCount: (comments: number, internal: number) =>
    internal === 0 ? `${comments}` : `${comments}, ${internal} of them internal`,
  previewDescription: 'The description, as it will be',
  previewComments: 'The comments, as they will be',
  previewInternal: 'internal',
  fileNotCopied: 'not copied',
  similarTitle: 'Is it one of these?',
  linkHere: 'Link here',
  linkOther: 'It belongs to an issue that is there already',
  linkLabel: 'Address of the issue, or group/project#3',
  link: 'Link',
  follow: 'Add later messages as well',

  tokenTitle: 'Signalbox needs your token',
  tokenMissing: 'Escalations are made in your name. Ask whoever runs Signalbox for a token of your own.',
  tokenRefused: 'Signalbox does not know the token that is set, or it has been withdrawn. Ask for a new one.',
  tokenWhere: 'It is kept by your userscript manager, never in the page. Its menu has an entry to change it, too.',
  tokenEnter: 'Enter the token …',
  tokenPrompt: 'Your Signalbox token (empty: forget it)',
  menuToken: 'Set the token …',

  failedTitle: 'The escalation has failed',
  refusedTitle: 'Signalbox has refused',
  offlineTitle: 'Signalbox does not answer',
  offlineText: (service: string) =>
    `${service} cannot be reached. Nothing has been escalated; a ticket is never escalated twice, so simply try again.`,
  uncertainText: (service: string) =>
    `${service} did not answer in time. It may have begun all the same; trying again makes no second issue.`,
  warningsTitle: 'Done, with warnings',

  badge: (reference: string, state: string) => `Escalated: ${reference}, ${state}`,
  badgeRunning: 'Being escalated',
  badgeFailed: 'Escalation failed',
} as const;
