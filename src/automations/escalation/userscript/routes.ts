import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Documents } from '../../../engine/documents/documents.ts';
import { SignalboxError } from '../../../errors.ts';
import { fillTemplate, type Script } from './fill-template.ts';
import { INSTALL_PAGE, INSTALL_POLICY } from './install-page.ts';
import { scriptVersion } from './script-version.ts';
import type { UserscriptSettings } from './settings.ts';

export interface UserscriptContext {
  documents: Documents;
  settings: UserscriptSettings;
  /** `service.public_url`, where it is set; else the address by which each browser asks is the service's. */
  publicUrl: string | undefined;
  freshdeskUrl: string;
  /** A file of the build. */
  readAsset: (name: string) => Uint8Array | undefined;
  now: () => number;
}

/** `GET /userscript/…`: the Freshdesk button with this service's address in it, and the page from which it is installed. */
export function userscriptRoutes(app: FastifyInstance, context: UserscriptContext): void {
  const { documents, settings, publicUrl, freshdeskUrl, readAsset, now } = context;
  const freshdeskUrls = [freshdeskUrl, ...settings.match];
  let prepared: Promise<{ template: string; version: string }> | undefined;

  async function prepare(): Promise<{ template: string; version: string }> {
    const file = readAsset('userscript/signalbox.user.js');
    if (!file) throw new SignalboxError('SBX_USERSCRIPT_NOT_BUILT', 'userscript/signalbox.user.js is not there');
    const template = Buffer.from(file).toString('utf8');
    const content = JSON.stringify([template, publicUrl ?? null, freshdeskUrls]);
    return { template, version: await scriptVersion(documents, digestOf(content), now()) };
  }

  async function script(request: FastifyRequest): Promise<Script> {
    prepared ??= prepare();
    const { template, version } = await prepared.catch((error: unknown) => {
      prepared = undefined;
      throw error;
    });
    return fillTemplate(template, { serviceUrl: publicUrl ?? addressOf(request), freshdeskUrls, version });
  }

  app.get('/userscript/signalbox.user.js', async (request, reply) =>
    send(request, reply, (await script(request)).user),
  );
  app.get('/userscript/signalbox.meta.js', async (request, reply) =>
    send(request, reply, (await script(request)).meta),
  );
  app.get('/userscript', async (_request, reply) => reply.redirect('/userscript/', 308));
  app.get('/userscript/', async (_request, reply) =>
    reply
      .header('Content-Security-Policy', INSTALL_POLICY)
      .header('X-Content-Type-Options', 'nosniff')
      .header('Referrer-Policy', 'no-referrer')
      .type('text/html; charset=utf-8')
      .send(INSTALL_PAGE),
  );
}

/** Managers ask every day whether there is something new: mostly there is not. */
function send(request: FastifyRequest, reply: FastifyReply, text: string): FastifyReply {
  const tag = `"${digestOf(text)}"`;
  reply.header('ETag', tag).header('Cache-Control', 'no-cache').header('X-Content-Type-Options', 'nosniff');
  const known = (request.headers['if-none-match'] ?? '').split(',').map(each => each.trim().replace(/^W\//, ''));
  if (known.includes(tag) || known.includes('*')) return reply.code(304).send();
  return reply.type('text/javascript; charset=utf-8').send(text);
}

/** The address by which the browser asks; nothing that is no host gets into the script. */
function addressOf(request: FastifyRequest): string {
  const host = request.headers.host ?? '';
  if (!/^(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/.test(host) || !URL.canParse(`http://${host}`))
    throw new SignalboxError('SBX_REQUEST_INVALID', 'the header Host names no host');
  return `http://${host}`;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 27);
}
