import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from '../http/api-error.ts';
import type { Call } from '../http/call.ts';
import { readBody } from '../http/read-body.ts';
import type { Service } from '../service.ts';
import { findProject } from '../state/access.ts';
import type { UserRecord } from '../state/records.ts';
import { columnsOf } from './project-pages.ts';

const FORM_LIMIT = 2 * 1024 * 1024;

/**
 * A click: it runs the very API route the button names, in the acting user's name, with the same checks, events and
 * webhooks as any client's call; then back to the page, with the reason if it was refused.
 */
export async function act(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  user: UserRecord,
): Promise<void> {
  const { origin } = request.headers;
  if (origin !== undefined && new URL(origin).host !== request.headers.host) {
    response.writeHead(403, { 'content-type': 'text/plain' });
    response.end('Forms of other sites are not taken.\n');
    return;
  }
  const { input } = await readBody(request, FORM_LIMIT);
  const back = safePath(input['back']);
  if (path === '/-/act-as') {
    response.setHeader(
      'set-cookie',
      `sandbox_user=${encodeURIComponent(String(input['user']))}; Path=/; SameSite=Strict`,
    );
    redirect(response, back, null);
    return;
  }
  redirect(
    response,
    back,
    await tryRoute(service, path === '/-/move' ? moveOf(service, input) : buttonOf(input), user),
  );
}

interface Wanted {
  method: string;
  path: string;
  input: Record<string, unknown>;
}

function buttonOf(input: Record<string, unknown>): Wanted {
  const { route, back: _back, ...rest } = input;
  const [method = '', path = ''] = String(route).split(' ');
  return { method, path, input: rest };
}

/** A card dropped on a column: that list's label in, the other lists' labels out, as GitLab's own board does it. */
function moveOf(service: Service, input: Record<string, unknown>): Wanted {
  const project = findProject(service.world, String(input['project']));
  const board = [...(project?.boards.values() ?? [])][0];
  const lists = project === null || board === undefined ? [] : columnsOf(project, board).map(label => label.title);
  const to = String(input['to']);
  const issue = project?.issues.get(Number(input['iid']));
  const path = `/projects/${project?.id}/issues/${issue?.iid}`;
  if (to === 'Closed') return { method: 'PUT', path, input: { state_event: 'close' } };
  return {
    method: 'PUT',
    path,
    input: {
      ...(issue?.state === 'closed' ? { state_event: 'reopen' } : {}),
      ...(to === '' ? {} : { add_labels: [to] }),
      remove_labels: lists.filter(title => title !== to),
    },
  };
}

/** null when it worked, else what the API said. */
async function tryRoute({ world, router }: Service, wanted: Wanted, user: UserRecord): Promise<string | null> {
  const match = router.find(wanted.method, wanted.path);
  if (match === null || Array.isArray(match)) return 'There is no such action.';
  const call: Call = {
    world,
    method: wanted.method,
    path: `/api/v4${wanted.path}`,
    url: new URL(`${world.baseUrl}/api/v4${wanted.path}`),
    params: match.params,
    input: wanted.input,
    files: [],
    headers: {},
    user,
    token: null,
    eventUuid: null,
  };
  try {
    await match.route.handler(call);
    return null;
  } catch (error) {
    if (error instanceof ApiError) return `Refused (${error.status}): ${JSON.stringify(error.body)}`;
    throw error;
  }
}

function safePath(value: unknown): string {
  const path = typeof value === 'string' ? value : '/';
  return /^\/(?![/\\])/.test(path) ? path : '/';
}

function redirect(response: ServerResponse, path: string, alert: string | null): void {
  const query = alert === null ? '' : `?alert=${encodeURIComponent(alert)}`;
  response.writeHead(303, { location: `${path}${query}` });
  response.end();
}
