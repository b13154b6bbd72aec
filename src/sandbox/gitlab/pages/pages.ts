import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Html, html } from '../../http/html.ts';
import { fileAnswer } from '../api/uploads.ts';
import { answerOAuth, isOAuth } from '../oauth/answer-oauth.ts';
import type { Service } from '../service.ts';
import { canReadIssue, canReadProject } from '../state/access.ts';
import { findUser } from '../state/people.ts';
import type { ProjectRecord, UploadRecord, UserRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';
import { act } from './actions.ts';
import { issuePage, mergeRequestPage } from './item-pages.ts';
import { page, type View } from './layout.ts';
import { boardPage, homePage, issuesPage, mergeRequestsPage, projectPage } from './project-pages.ts';

/** Everything that is not API, git or control: the pages a person clicks through, health checks, uploaded files. */
export async function answerPage(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const { world } = service;
  const path = decode(url.pathname);
  if (/^\/-\/(health|readiness|liveness)$/.test(path)) return send(response, 200, 'text/plain', 'GitLab OK');
  const user = actingUser(world, request);
  if (isOAuth(path)) return answerOAuth(world, request, response, { url, user });
  if (request.method === 'POST') return act(service, request, response, path, user);
  request.resume();
  const upload = uploadAt(world, path);
  if (upload !== null) {
    const answer = fileAnswer(upload);
    response.writeHead(200, answer.headers);
    response.end(answer.body as Buffer);
    return;
  }
  const view: View = { world, user, path: url.pathname, alert: url.searchParams.get('alert') };
  const found = await contentOf(view, path);
  const content = found?.content ?? html`<h1>404</h1><p>There is nothing here, or you may not see it.</p>`;
  send(
    response,
    found === null ? 404 : 200,
    'text/html; charset=utf-8',
    page(view, found?.title ?? 'Not found', content),
  );
}

async function contentOf(view: View, path: string): Promise<{ title: string; content: Html } | null> {
  if (path === '/') return { title: 'Projects', content: homePage(view) };
  const [, projectPath = '', rest = ''] = /^\/(.+?)(?:\/-\/(.*))?$/.exec(path.replace(/\/$/, '')) ?? [];
  const project = view.world.projectsByPath.get(projectPath.toLowerCase());
  if (project === undefined || !canReadProject(view.world, view.user, project)) return null;
  return inProject(view, project, rest);
}

async function inProject(
  view: View,
  project: ProjectRecord,
  rest: string,
): Promise<{ title: string; content: Html } | null> {
  const title = (part: string) => `${project.fullPath} · ${part}`;
  if (rest === '') return { title: project.fullPath, content: await projectPage(view, project) };
  if (rest.startsWith('boards')) return { title: title('Board'), content: boardPage(view, project) };
  if (rest === 'issues') return { title: title('Issues'), content: issuesPage(view, project) };
  if (rest === 'merge_requests')
    return { title: title('Merge requests'), content: await mergeRequestsPage(view, project) };
  const [, kind, iid] = /^(issues|work_items|merge_requests)\/(\d+)(?:\/.*)?$/.exec(rest) ?? [];
  if (kind === 'merge_requests') {
    const item = project.mergeRequests.get(Number(iid));
    return item === undefined
      ? null
      : { title: `!${item.iid} ${item.title}`, content: await mergeRequestPage(view, project, item) };
  }
  const issue = project.issues.get(Number(iid));
  if (issue === undefined || !canReadIssue(view.world, view.user, project, issue)) return null;
  return { title: `#${issue.iid} ${issue.title}`, content: issuePage(view, project, issue) };
}

/**
 * `/group/project/uploads/…`, `/-/project/1/uploads/…`, and `/uploads/…` as the texts link it: whoever knows the address
 * may read, as with images in GitLab.
 */
function uploadAt(world: World, path: string): UploadRecord | null {
  const [, owner = '', secret = '', filename = ''] = /^(.*)\/uploads\/([0-9a-f]{32})\/([^/]+)$/.exec(path) ?? [];
  const id = /^\/-\/project\/(\d+)$/.exec(owner)?.[1];
  const project =
    id === undefined ? world.projectsByPath.get(owner.slice(1).toLowerCase()) : world.projects.get(Number(id));
  const owners = owner === '' ? [...world.projects.values()] : project === undefined ? [] : [project];
  const upload = owners.map(candidate => candidate.uploads.get(secret)).find(found => found !== undefined);
  return upload !== undefined && upload.filename === filename ? upload : null;
}

/** Chosen in the page's head and kept in a cookie; at first the Maintainer, else the admin. */
function actingUser(world: World, request: IncomingMessage): UserRecord {
  const cookie = /(?:^|;\s*)sandbox_user=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
  const chosen = cookie === undefined ? null : findUser(world, decode(cookie));
  return chosen ?? findUser(world, 'maintainer') ?? [...world.users.values()][0] ?? NOBODY;
}

const NOBODY: UserRecord = {
  id: 0,
  username: 'nobody',
  name: 'Nobody',
  email: 'nobody@example.com',
  state: 'active',
  isAdmin: false,
  bot: false,
  namespaceId: 0,
  createdAt: '2026-01-01T00:00:00.000Z',
  lastActivityOn: null,
  bio: '',
  extra: {},
};

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-security-policy':
      "default-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'",
    'cache-control': 'no-store',
  });
  response.end(body);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
