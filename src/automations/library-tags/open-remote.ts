import { setTimeout as sleep } from 'node:timers/promises';
import { readCapabilities } from '../../git-protocol/capabilities.ts';
import { describeRemote, type Remote, sendLater } from '../../git-protocol/remote.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { GitLabAccess } from './job/gitlab-call.ts';
import { type Pace, type Retry, startPatience } from './job/patience.ts';

/** For one call of the API that a tag is made or explained by. */
const TIMEOUT = 30_000;

/** The repository of a project, as git reaches it with our token; for either kind of object names. */
export async function openRemote(gitlab: GitLab, project: string, signal: AbortSignal): Promise<Remote> {
  const access = gitlab.gitAccess(project);
  const { objectFormat } = await askAgain(() => readCapabilities(describeRemote(access), signal));
  return describeRemote({ ...access, objectFormat });
}

/** The same project through the few API calls that the job of a pipeline makes as well. */
export function openApi(gitlab: GitLab, project: string): GitLabAccess {
  const token = { secret: gitlab.gitAccess(project).credentials.token, kind: 'access' } as const;
  return { apiUrl: `${gitlab.url}/api/v4`, project, token, send: sendLater, timeout: TIMEOUT };
}

const PACE: Pace = { sleep, random: Math.random, now: Date.now };

/**
 * For each question of a look: asked again at once when the answer got lost, so that a look that asks a hundred comes to its end where one
 * answer in twenty does. A longer disturbance ends the look, and the engine repeats it as a whole.
 */
export const askAgain: Retry = startPatience(PACE, { faults: 2, longestWait: 3_000 }).retry;
