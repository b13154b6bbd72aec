import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ERRORS, SignalboxError } from '../../errors.ts';
import type { Who } from '../access.ts';
import { publicDetail } from '../problem.ts';
import { SIGN_IN_HEADERS, signInPage } from './page.ts';
import { pageGate } from './page-gate.ts';
import { returnPath } from './return-path.ts';
import type { SignIn } from './sign-in.ts';

export interface SignInRoutes {
  signIn: SignIn;
  who: Who;
  now: () => number;
  publicUrl: () => string;
}

/** The pages by which people get in, and what a signed-in browser asks about itself. */
export function signInRoutes(app: FastifyInstance, { signIn, who, now, publicUrl }: SignInRoutes): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 16 * 1024 },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );

  const show = (reply: FastifyReply, to: string, error?: unknown) => {
    const fault = error === undefined ? undefined : faultOf(error);
    if (error instanceof SignalboxError) {
      reply.code(ERRORS[error.code].status);
      const { retryAt } = error;
      if (retryAt !== undefined) reply.header('Retry-After', Math.max(1, Math.ceil((retryAt - now()) / 1000)));
    }
    const page = signInPage({ to, ways: signIn.ways, ...(fault === undefined ? {} : { fault }) });
    return reply.headers(SIGN_IN_HEADERS).send(page);
  };

  /** Lets somebody in, or shows the page again with what was wrong. */
  const enter = async (reply: FastifyReply, to: string, cookie: () => Promise<string>) => {
    try {
      return await go(reply.header('Set-Cookie', await cookie()), to);
    } catch (error) {
      if (!(error instanceof SignalboxError)) throw error;
      return show(reply, to, error);
    }
  };

  app.get('/sign-in', async (request, reply) => {
    const to = returnPath(field(request.query, 'next'));
    if ((await signIn.sessions.find(request)) !== null) return go(reply, to);
    return show(reply, to);
  });

  app.post('/sign-in', async (request, reply) => {
    assertOwnForm(request, new URL(publicUrl()).host);
    const to = returnPath(field(request.body, 'next'));
    return enter(reply, to, () => signIn.withToken(request, field(request.body, 'token')));
  });

  app.get<{ Params: { code: string } }>('/sign-in/link/:code', async (request, reply) =>
    enter(reply, '/', () => signIn.withLink(request, request.params.code)),
  );

  app.get('/sign-in/gitlab', async (request, reply) => {
    const to = returnPath(field(request.query, 'next'));
    try {
      const { address, cookie } = await signIn.atGitLab(to);
      return await go(reply.header('Set-Cookie', cookie), address);
    } catch (error) {
      if (!(error instanceof SignalboxError)) throw error;
      return show(reply, to, error);
    }
  });

  app.get('/sign-in/callback', async (request, reply) => {
    try {
      const { cookies, to } = await signIn.fromGitLab(request, request.url);
      return await go(reply.header('Set-Cookie', cookies), to);
    } catch (error) {
      if (!(error instanceof SignalboxError)) throw error;
      return show(reply, '/', error);
    }
  });

  app.get('/v1/session', async (request, reply) => {
    reply.header('Cache-Control', 'no-store');
    const session = request.headers.authorization === undefined ? await signIn.sessions.find(request) : null;
    if (session) return session;
    return { ...(await who(request, 'viewer')), csrf: null };
  });

  app.delete('/v1/session', async (request, reply) => {
    if ((await signIn.sessions.check(request)) === null)
      throw new SignalboxError('SBX_NOT_SIGNED_IN', 'the request has no session');
    return reply
      .header('Set-Cookie', await signIn.sessions.end(request))
      .code(204)
      .send();
  });
}

/** Where browsers begin. Registered last: a dashboard that is there has taken the address already. */
export function startPage(app: FastifyInstance, signIn: SignIn): void {
  if (app.hasRoute({ method: 'GET', url: '/' })) return;
  app.get('/', { preHandler: pageGate(signIn.sessions) }, async (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send('Signed in. This build has no dashboard; the HTTP API is at /v1.\n'),
  );
}

function go(reply: FastifyReply, address: string): FastifyReply {
  return reply.header('Cache-Control', 'no-store').header('Referrer-Policy', 'no-referrer').redirect(address, 303);
}

function faultOf(error: unknown): string {
  if (!(error instanceof SignalboxError)) return 'Something went wrong.';
  return `${ERRORS[error.code].title}: ${publicDetail(error)}. ${ERRORS[error.code].remedy}`;
}

function field(record: unknown, name: string): string {
  const value = (record as Record<string, unknown> | null | undefined)?.[name];
  return typeof value === 'string' ? value : '';
}

/** No other site's form may sign somebody in, as somebody else. */
function assertOwnForm({ headers }: FastifyRequest, publicHost: string): void {
  const site = headers['sec-fetch-site'];
  const { origin, host } = headers;
  const sender = origin === undefined || !URL.canParse(origin) ? undefined : new URL(origin).host;
  const isForeign =
    site === undefined
      ? origin !== undefined && sender !== host && sender !== publicHost
      : site !== 'same-origin' && site !== 'none';
  if (isForeign) throw new SignalboxError('SBX_CSRF_TOKEN_WRONG', 'the form was not sent from the sign-in page');
}
