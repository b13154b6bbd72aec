import type { FastifyInstance, FastifyReply } from 'fastify';
import { readAsset } from '../../assets.ts';
import { SignalboxError } from '../../errors.ts';
import type { Who } from '../access.ts';

/** The pages of the dashboard: each address gives the same shell, which then shows the page. */
const PAGES = [
  '/',
  '/releases',
  '/releases/:product/:version',
  '/merge-guard',
  '/board',
  '/escalations',
  '/races',
  '/races/:fingerprint',
  '/libraries',
  '/journal',
  '/key/*',
];

const TYPES: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Nothing from elsewhere, no inline script or style, no frame around it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** The dashboard's files. Whoever is not signed in gets to the sign-in, and back from there. */
export function webRoutes(app: FastifyInstance, who: Who): void {
  for (const page of PAGES) {
    app.get(page, async (request, reply) => {
      try {
        await who(request, 'viewer');
      } catch (error) {
        if (!(error instanceof SignalboxError) || error.code !== 'SBX_NOT_SIGNED_IN') throw error;
        const next = request.url === '/' ? '' : `?next=${encodeURIComponent(request.url)}`;
        return reply.redirect(`/sign-in${next}`, 303);
      }
      protect(reply);
      // The names of the files in it change with each version.
      return reply.header('Cache-Control', 'no-cache').type(TYPES['html']!).send(shell());
    });
  }

  app.get('/assets/:name', async (request, reply) => {
    await who(request, 'viewer');
    const { name } = request.params as { name: string };
    const type = TYPES[/\.([a-z]+)$/.exec(name)?.[1] ?? ''];
    const body = type === undefined ? undefined : readAsset(`web/assets/${name}`);
    if (type === undefined || body === undefined) throw new SignalboxError('SBX_ROUTE_NOT_FOUND', `GET ${request.url}`);
    protect(reply);
    // A hash of the content is in the name.
    return reply.header('Cache-Control', 'private, max-age=31536000, immutable').type(type).send(Buffer.from(body));
  });
}

function shell(): Buffer {
  const body = readAsset('web/index.html');
  if (body === undefined) throw new SignalboxError('SBX_DASHBOARD_NOT_BUILT', 'dist/web/index.html is missing');
  return Buffer.from(body);
}

function protect(reply: FastifyReply): void {
  void reply
    .header('Content-Security-Policy', POLICY)
    .header('X-Content-Type-Options', 'nosniff')
    .header('Referrer-Policy', 'same-origin')
    .header('Cross-Origin-Opener-Policy', 'same-origin')
    .header('Cross-Origin-Resource-Policy', 'same-origin');
}
