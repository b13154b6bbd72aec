import type { ErrorRow } from './error-row.ts';

/** What stands in the configuration, and the files around it. */
export const CONFIGURATION = {
  SBX_CONFIG_NOT_FOUND: {
    status: 500,
    title: 'The configuration file cannot be read',
    remedy: 'Name it with --config FILE, or write a first one with: signalbox init',
  },
  SBX_CONFIG_INVALID: {
    status: 500,
    title: 'The configuration is not valid',
    remedy: 'Correct the lines named above; `signalbox config schema` prints a JSON Schema that editors complete from.',
  },
  SBX_CONFIG_NOT_WRITTEN: {
    status: 500,
    title: 'The configuration file cannot be written',
    remedy: 'Name another place with --config FILE; an existing file is replaced only with --force.',
  },
  SBX_CASES_INVALID: {
    status: 500,
    title: 'The file of cases is not valid',
    remedy: 'Correct the lines named above; docs/board.md and docs/version-check.md show how cases are written.',
  },
  SBX_WEBHOOK_SECRET_MISSING: {
    status: 500,
    title: 'No webhook secret is configured',
    remedy:
      'Set a secret at the webhook in GitLab and name it in gitlab.webhook.signing_tokens (GitLab 19 and newer) or gitlab.webhook.secret_tokens.',
  },
  SBX_SECRET_UNREADABLE: {
    status: 500,
    title: 'A secret cannot be read',
    remedy: 'Check that the file, environment variable or systemd credential exists, is not empty and may be read.',
  },
} as const satisfies Record<string, ErrorRow>;
