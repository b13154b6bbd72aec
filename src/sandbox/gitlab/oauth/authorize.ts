import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { html } from '../../http/html.ts';
import { readBody } from '../http/read-body.ts';
import { page } from '../pages/layout.ts';
import type { UserRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';
import type { ApplicationRecord } from './records.ts';

const CODE_LASTS = 10 * 60_000;
const FORM_LIMIT = 64 * 1024;

interface Wanted {
  application: ApplicationRecord;
  redirectUri: string;
  scopes: string[];
  state: string | null;
  nonce: string | null;
  challenge: { value: string; method: string } | null;
}

/** `/oauth/authorize`: asks the person, then sends the browser back with a code; or back with the reason why not. */
export async function answerAuthorize(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  { url, user }: { url: URL; user: UserRecord },
): Promise<void> {
  const isForm = request.method === 'POST';
  const { input } = isForm ? await readBody(request, FORM_LIMIT) : { input: Object.fromEntries(url.searchParams) };
  const wanted = readWanted(world, input);
  if ('page' in wanted) {
    send(response, wanted.status, page(viewOf(world, user, url), 'An error has occurred', html`<p>${wanted.page}</p>`));
    return;
  }
  if ('error' in wanted) return back(response, wanted.to, { error: wanted.error, state: wanted.state });
  if (isForm && input['_method'] === 'delete') {
    const error_description = 'The resource owner or authorization server denied the request.';
    return back(response, wanted.redirectUri, { error: 'access_denied', error_description, state: wanted.state });
  }
  if (isForm) return grant(world, response, wanted, user);
  send(response, 200, page(viewOf(world, user, url), 'Authorize', consent(wanted, user, input)));
}

function readWanted(
  world: World,
  input: Record<string, unknown>,
): Wanted | { status: number; page: string } | { to: string; error: string; state: string | null } {
  const text = (name: string) => (typeof input[name] === 'string' && input[name] !== '' ? input[name] : null);
  const application = world.oauth.applications.get(text('client_id') ?? '');
  if (!application) {
    const unknown = 'Client authentication failed due to unknown client, no client authentication included, or ';
    return { status: 401, page: `${unknown}unsupported authentication method.` };
  }
  const redirectUri = text('redirect_uri') ?? '';
  // Compared to the letter, as the registered addresses are.
  if (!application.redirectUris.includes(redirectUri))
    return { status: 400, page: "The requested redirect uri is malformed or doesn't match client redirect URI." };
  const state = text('state');
  if (text('response_type') !== 'code') return { to: redirectUri, error: 'unsupported_response_type', state };
  const scopes = (text('scope') ?? application.scopes[0] ?? '').split(' ').filter(scope => scope !== '');
  if (scopes.length === 0 || scopes.some(scope => !application.scopes.includes(scope)))
    return { to: redirectUri, error: 'invalid_scope', state };
  const challenge = text('code_challenge');
  const method = text('code_challenge_method') ?? 'plain';
  if (challenge !== null && method !== 'plain' && method !== 'S256')
    return { to: redirectUri, error: 'invalid_code_challenge_method', state };
  return {
    application,
    redirectUri,
    scopes,
    state,
    nonce: text('nonce'),
    challenge: challenge === null ? null : { value: challenge, method },
  };
}

function grant(world: World, response: ServerResponse, wanted: Wanted, user: UserRecord): void {
  const code = randomBytes(32).toString('hex');
  const { application, redirectUri, scopes, nonce, challenge, state } = wanted;
  world.oauth.grants.set(code, {
    code,
    applicationId: application.id,
    userId: user.id,
    redirectUri,
    scopes,
    nonce,
    challenge,
    expiresAt: Date.now() + CODE_LASTS,
    used: false,
  });
  back(response, redirectUri, { code, state });
}

function consent({ application, scopes }: Wanted, user: UserRecord, input: Record<string, unknown>) {
  const hidden = Object.entries(input)
    .filter(([name]) => name !== '_method')
    .map(([name, value]) => html`<input type="hidden" name="${name}" value="${String(value)}">`);
  return html`<h1>${application.name} is requesting access to your account</h1>
<p>Signed in as @${user.username}. It asks for: ${scopes.join(', ')}.</p>
<form class="inline" method="post" action="/oauth/authorize">${hidden}<button>Authorize ${application.name}</button></form>
<form class="inline" method="post" action="/oauth/authorize">${hidden}<input type="hidden" name="_method" value="delete"><button>Deny</button></form>`;
}

function viewOf(world: World, user: UserRecord, url: URL) {
  return { world, user, path: url.pathname + url.search, alert: null };
}

function back(response: ServerResponse, to: string, answer: Record<string, string | null>): void {
  const address = new URL(to);
  for (const [name, value] of Object.entries(answer)) if (value !== null) address.searchParams.set(name, value);
  response.writeHead(302, { location: address.href, 'cache-control': 'no-store' });
  response.end();
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  response.end(body);
}
