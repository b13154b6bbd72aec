import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { remedy } from './remedies.ts';

const DAY = 24 * 60 * 60_000;
const SOON = 30 * DAY;

/** What a token may do, and for how long. `setting` is where it stands in the configuration. */
export async function checkToken(setting: string, name: string, gitlab: GitLab, now: number): Promise<Check[]> {
  const token = await gitlab.projects.token().catch(() => null);
  if (!token) return [warn(name, 'GitLab does not tell its scopes', remedy('token untold'))];
  const scopes = token.scopes.join(', ');
  return [
    token.scopes.includes('api')
      ? ok(`${name} scope`, scopes)
      : fail(`${name} scope`, `scopes: ${scopes}`, remedy('token scope', { setting })),
    checkExpiry(setting, `${name} expiry`, token.expires_at, now),
  ];
}

function checkExpiry(setting: string, name: string, expires: string | null, now: number): Check {
  if (expires === null) return ok(name, 'it does not expire');
  const left = Date.parse(expires) - now;
  const days = Math.max(0, Math.floor(left / DAY));
  const detail = `expires on ${expires.slice(0, 10)}, in ${days} ${days === 1 ? 'day' : 'days'}`;
  if (left > SOON) return ok(name, detail);
  return warn(name, detail, remedy('token expires', { setting }));
}
