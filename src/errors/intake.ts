import type { ErrorRow } from './error-row.ts';

/** Webhooks that come in. */
export const INTAKE = {
  SBX_WEBHOOK_NOT_AUTHENTIC: {
    status: 401,
    title: 'The webhook request is not authentic',
    remedy:
      'Set the same secret at the sender and in gitlab.webhook.signing_tokens, gitlab.webhook.secret_tokens or freshdesk.webhook_secret.',
  },
  SBX_WEBHOOK_NOT_JSON: {
    status: 400,
    title: 'The webhook body is not JSON',
    remedy: 'Remove the custom webhook template, or make it produce a JSON object.',
  },
  SBX_WEBHOOK_TOO_LARGE: {
    status: 413,
    title: 'The webhook body is too large',
    remedy: 'GitLab sends at most 25 MB. Check what is sending to this address.',
  },
  SBX_WEBHOOK_ABORTED: {
    status: 400,
    title: 'The webhook request broke off',
    remedy: 'Nothing was stored. Check the proxy between the sender and this service.',
  },
  SBX_INTAKE_OVERLOADED: {
    status: 503,
    title: 'Too many deliveries wait for the disk',
    remedy: 'Send it again later. Check how fast the disk of `service.data_dir` writes.',
  },
  SBX_INTAKE_NOT_STORED: {
    status: 503,
    title: 'The delivery could not be stored',
    remedy:
      'Check the health of the disk of `service.data_dir`: the kernel’s log says what it does (`dmesg`). Deliveries are taken again by themselves when it writes again, and what was refused meanwhile is fetched.',
  },
  SBX_INTAKE_DISK_FULL: {
    status: 503,
    title: 'The disk has no room for deliveries',
    remedy:
      'Make room on the disk of `service.data_dir`: then deliveries are taken again by themselves, and what was refused meanwhile is fetched. What was acknowledged is kept.',
  },
  SBX_INTAKE_TOO_MUCH_AT_ONCE: {
    status: 503,
    title: 'Too many large deliveries arrive at once',
    remedy:
      'Send it again later. If nobody sends so much on purpose, find out who does; a reverse proxy that takes a body whole before it passes it on keeps slow senders away.',
  },
  SBX_TOO_MANY_CONNECTIONS: {
    status: 503,
    title: 'There are more connections than files may be open',
    remedy:
      'Raise the limit of open files (systemd: `LimitNOFILE=65536`, a shell: `ulimit -n`), and find out who opens so many; a reverse proxy in front bounds them.',
  },
  SBX_INTAKE_UNREADABLE: {
    status: 503,
    title: 'Acknowledged deliveries cannot be read',
    remedy:
      'The disk of `service.data_dir` fails: the kernel’s log says how (`dmesg`). They are kept, and read by themselves as soon as the disk allows it.',
  },

  SBX_INTAKE_LOG_DAMAGED: {
    status: 500,
    title: 'A part of the intake log is damaged',
    remedy:
      "The log line names the copy that was kept. Check the health of the disk; `signalbox replay` on the projects' `resync:` keys looks at what was lost.",
  },
  SBX_INTAKE_LOG_UNUSABLE: {
    status: 500,
    title: 'The intake log cannot be read',
    remedy:
      'Restore the file `intake/id` of `service.data_dir`, or move the directory `intake` away to begin anew without its deliveries.',
  },
} as const satisfies Record<string, ErrorRow>;
