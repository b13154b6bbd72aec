import type { ErrorRow } from './error-row.ts';

/** Keys, sign-in, dashboard, HTTP interface and command line. */
export const SERVICE = {
  SBX_KEY_WITHOUT_AUTOMATION: {
    status: 404,
    title: 'No automation is switched on for this key',
    remedy: 'Check the spelling of the key, and that the configuration has the section of its automation.',
  },
  SBX_PRODUCT_NOT_CONFIGURED: {
    status: 404,
    title: 'There is no such product',
    remedy: 'Add it to releases.products in the configuration, or check the spelling.',
  },
  SBX_PROJECT_NOT_CONFIGURED: {
    status: 404,
    title: 'The project is not configured for this automation',
    remedy: 'Add it to the automation’s section of the configuration, or check the spelling.',
  },
  SBX_DELIVERY_NOT_FOUND: {
    status: 404,
    title: 'There is no such delivery',
    remedy: 'List deliveries with `signalbox journal`; old ones are removed after a while.',
  },
  SBX_KEY_NEVER_SEEN: {
    status: 404,
    title: 'Nothing is known about this key',
    remedy:
      'Check the spelling, for example merge-request:group/project!12; `signalbox journal` lists recent keys, and `signalbox replay KEY` looks at one now.',
  },
  SBX_NOT_SIGNED_IN: {
    status: 401,
    title: 'Nobody is signed in',
    remedy: 'Sign in at /sign-in, or send `Authorization: Bearer …` with one of `service.api_tokens`.',
  },
  SBX_SIGN_IN_FAILED: {
    status: 403,
    title: 'The sign-in did not succeed',
    remedy: 'Try it again; docs/sign-in.md says who may come in, and what has to be set up in GitLab.',
  },
  SBX_SIGN_IN_UNAVAILABLE: {
    status: 502,
    title: 'GitLab cannot be asked who signs in',
    remedy: 'Check that this machine reaches GitLab, and `application_id` and `secret` of `service.dashboard`.',
  },
  SBX_CSRF_TOKEN_WRONG: {
    status: 403,
    title: 'The change does not come from our own page',
    remedy: 'Send the `csrf` of GET /v1/session as `X-Signalbox-CSRF`, or use a token instead of the session.',
  },
  SBX_TOO_MANY_FAILURES: {
    status: 429,
    title: 'Too many tries have failed',
    remedy:
      'Wait for the time in `Retry-After`, then send the right token or credential; until then none is looked at. If everybody is refused, name the reverse proxy in `service.trusted_proxies`.',
  },
  SBX_ROLE_TOO_LOW: {
    status: 403,
    title: 'This takes the role operator',
    remedy: 'Sign in as an operator, or use a token with `role: operator`.',
  },
  SBX_USERSCRIPT_NOT_BUILT: {
    status: 503,
    title: 'The Freshdesk button is not built',
    remedy: 'Build it in the directory of the service: npm run build:userscript',
  },
  SBX_DASHBOARD_NOT_BUILT: {
    status: 503,
    title: 'The dashboard is not there',
    remedy:
      'In a clone, build it with `npm run build:web`. In an installed package, install it again: files are missing.',
  },
  SBX_TOO_MANY_FOLLOWERS: {
    status: 503,
    title: 'Too many pages follow what happens',
    remedy: 'Close dashboards that nobody looks at; their browsers come again by themselves.',
  },
  SBX_ROUTE_NOT_FOUND: {
    status: 404,
    title: 'There is nothing at this address',
    remedy: 'Check the address and the method. An automation that is not configured has no addresses.',
  },
  SBX_REQUEST_INVALID: {
    status: 400,
    title: 'The request is not valid',
    remedy: 'Correct what is named in the detail; `/openapi.json` describes every request.',
  },
  SBX_REQUEST_WRONG_TYPE: {
    status: 415,
    title: 'The body is not of a type that this address takes',
    remedy: 'Send JSON, with the header `Content-Type: application/json`.',
  },
  SBX_REQUEST_TOO_LARGE: {
    status: 413,
    title: 'The body is too large',
    remedy: 'Send less at once.',
  },
  SBX_ADDRESS_IN_USE: {
    status: 500,
    title: 'The address to listen on is taken',
    remedy:
      'End the other program, or name another port: in `service.listen`, or with the option of the command (`--port` of the demo); port 0 takes any free one.',
  },
  SBX_ADDRESS_UNUSABLE: {
    status: 500,
    title: 'The address to listen on cannot be used',
    remedy:
      'Name an address of this machine in `service.listen`, and a port from 1024 on, such as 8080; for 80 and 443 put a reverse proxy in front (docs/operations.md).',
  },
  SBX_SERVICE_NOT_RUNNING: {
    status: 503,
    title: 'The service does not answer',
    remedy: 'Start it with: signalbox serve',
  },
  SBX_BOARD_LABEL_MISSING: {
    status: 409,
    title: 'A column of the board has no label',
    remedy: 'Correct `columns`, or create the label: `signalbox doctor --fix` does.',
  },
  SBX_NOTHING_TO_UNDO: {
    status: 409,
    title: 'There is no move of ours to take back',
    remedy:
      'Only the newest move of an issue can be taken back, and only if signalbox made it; move the issue by hand.',
  },
  SBX_LOOK_FAILED: {
    status: 502,
    title: 'The look did not come to a result',
    remedy:
      'Read the detail; `signalbox explain KEY` shows what is known, and `signalbox doctor` checks the connection.',
  },
  SBX_USAGE: {
    status: 400,
    title: 'The command line is not right',
    remedy: 'See the help of the command: signalbox COMMAND --help',
  },
} as const satisfies Record<string, ErrorRow>;
