import type { ErrorRow } from './error-row.ts';

/** GitLab, Freshdesk and git servers, as our clients see them, and effects there. */
export const REMOTE = {
  // the other side, as seen by our HTTP client
  SBX_REMOTE_UNREACHABLE: {
    status: 502,
    title: 'The other side cannot be reached',
    remedy: 'Nothing was sent. It is tried again by itself; check address, DNS, certificate and firewall if it lasts.',
  },
  SBX_REMOTE_UNCERTAIN: {
    status: 502,
    title: 'The other side did not answer to the end',
    remedy: 'Whether the call took effect is settled by looking; nothing needs to be done.',
  },
  SBX_REMOTE_UNAVAILABLE: {
    status: 502,
    title: 'The other side has trouble of its own',
    remedy: 'It is tried again by itself; look at the status of the other service if it lasts.',
  },
  SBX_REMOTE_THROTTLED: {
    status: 503,
    title: 'The other side asks to be called less often',
    remedy: 'It is tried again at the time it named. Raise the rate limit of the token if this is frequent.',
  },
  SBX_REMOTE_REFUSED: {
    status: 502,
    title: 'The other side refused the call',
    remedy: 'Read its message; most often the token lacks a role or a scope: run `signalbox doctor`.',
  },
  SBX_REMOTE_UNEXPECTED: {
    status: 502,
    title: 'The other side answered in a shape that is not understood',
    remedy: 'Check that the address is the service it should be, and its version; then report this.',
  },

  // effects
  SBX_EFFECT_UNCERTAIN: {
    status: 502,
    title: 'It is not known yet whether a change took effect',
    remedy: 'It is looked for again by itself before anything is repeated.',
  },

  // git over HTTP
  SBX_GIT_ANSWER_TOO_LARGE: {
    status: 502,
    title: 'A git server sends more than is taken into memory',
    remedy: 'Look for a huge file or a huge unmerged history behind a version tag of this repository.',
  },
} as const satisfies Record<string, ErrorRow>;
