import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RefUpdate } from '../git/repository.ts';
import { serveGit } from '../git/serve-git.ts';
import { ZERO } from './events/push-event.ts';
import { ApiError } from './http/api-error.ts';
import { identifyBasic } from './http/auth.ts';
import { canReadCode, projectRole } from './state/access.ts';
import { isProtected } from './state/protected.ts';
import { ACCESS, type ProjectRecord, type UserRecord } from './state/records.ts';
import type { World } from './state/world.ts';

/** `git clone` and `git push` with a token as the password; protected branches and tags are held as the web would. */
export async function answerGit(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const [, path = '', service = ''] = /^\/(.+?)\.git(\/.+)$/.exec(decodeURIComponent(url.pathname)) ?? [];
  const project = world.projectsByPath.get(path.toLowerCase());
  let user: UserRecord | null;
  let canWrite = true;
  try {
    const identity = identifyBasic(world, request.headers);
    user = identity.user;
    canWrite =
      identity.token === null || ['api', 'write_repository'].some(scope => identity.token?.scopes.includes(scope));
  } catch (error) {
    if (error instanceof ApiError) return deny(request, response);
    throw error;
  }
  if (project === undefined || !canReadCode(world, user, project)) {
    return user === null
      ? deny(request, response)
      : refuse(
          request,
          response,
          404,
          "The project you were looking for could not be found or you don't have permission to view it.\n",
        );
  }
  await serveGit(project.repository, request, response, {
    service: service as '/info/refs' | '/git-upload-pack' | '/git-receive-pack',
    userName: user?.username ?? null,
    mayPush: canWrite && !project.archived && projectRole(world, user, project) >= ACCESS.developer,
    preReceive: updates => refusalOf(world, project, user, updates),
  });
}

/** What GitLab's pre-receive check says, or null to let the push in. */
function refusalOf(world: World, project: ProjectRecord, user: UserRecord | null, updates: RefUpdate[]): string | null {
  const role = projectRole(world, user, project);
  for (const update of updates) {
    const tag = update.ref.startsWith('refs/tags/');
    const name = update.ref.replace(/^refs\/(heads|tags)\//, '');
    const rule = isProtected(tag ? project.protectedTags : project.protectedBranches, name);
    if (!tag && update.after === ZERO && name === project.defaultBranch)
      return 'GitLab: The default branch of a project cannot be deleted.';
    if (rule === null) continue;
    const allowed = rule.pushLevel > 0 && role >= rule.pushLevel;
    if (tag) {
      if (update.before !== ZERO && update.after !== ZERO) return 'GitLab: Protected tags cannot be updated.';
      if (update.after === ZERO)
        return 'GitLab: You are not allowed to delete protected tags. Only a project maintainer or owner can delete a protected tag.';
      if (!allowed) return 'GitLab: You are not allowed to create this tag as it is protected.';
    } else {
      if (update.after === ZERO)
        return 'GitLab: You are not allowed to delete protected branches from this project. Only a project maintainer or owner can delete a protected branch.';
      if (!allowed) return 'GitLab: You are not allowed to push code to protected branches on this project.';
    }
  }
  return null;
}

function deny(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  response.writeHead(401, { 'www-authenticate': 'Basic realm="GitLab"', 'content-type': 'text/plain' });
  response.end(
    "HTTP Basic: Access denied. If a password was provided for Git authentication, the password was incorrect or you're required to use a token instead of a password.\n",
  );
}

function refuse(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  request.resume();
  response.writeHead(status, { 'content-type': 'text/plain' });
  response.end(text);
}
