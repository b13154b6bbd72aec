import { readFileSync } from 'node:fs';
import { type FastifyReply, fastify } from 'fastify';
import { userscriptRoutes } from '../../src/automations/escalation/userscript/routes.ts';
import { userscriptSettings } from '../../src/automations/escalation/userscript/settings.ts';
import { createDocuments } from '../../src/engine/documents/documents.ts';
import { QUICK_PACE, temporaryDatabase } from '../../src/engine/testing.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape, hostile ones too
type Loose = any;

export interface StubService {
  url: string;
  tickets: Map<number, Loose>;
  preview: Loose;
  presses: { ticket: number; body: Loose }[];
  links: { ticket: number; issue: string }[];
  headers: Record<string, unknown>[];
  /** Requests of a kind get no answer until this resolves. */
  hold: Map<string, Promise<void>>;
  fail: { status: number; type: string; body: string } | undefined;
  close(): Promise<void>;
}

export const TOKEN = 'a-token-of-ada';

export async function startStub(freshdeskUrl: string): Promise<StubService> {
  const database = await temporaryDatabase();
  const app = fastify();
  userscriptRoutes(app, {
    documents: createDocuments({ database: database.database, pace: QUICK_PACE, now: Date.now, wake: () => {} }),
    settings: userscriptSettings.parse({}),
    publicUrl: undefined,
    freshdeskUrl,
    readAsset: name => readFileSync(new URL(`../../dist/${name}`, import.meta.url)),
    now: Date.now,
  });
  const stub: StubService = {
    url: '',
    tickets: new Map(),
    preview: { title: 'A title', description: 'A description', comments: [], files: [], warnings: [], similar: [] },
    presses: [],
    links: [],
    headers: [],
    hold: new Map(),
    fail: undefined,
    close: async () => {
      await app.close();
      await database.remove();
    },
  };
  app.addHook('onRequest', async (request, reply) => {
    if (!request.url.startsWith('/v1/')) return;
    stub.headers.push(request.headers);
    if (stub.fail) return reply.code(stub.fail.status).type(stub.fail.type).send(stub.fail.body);
    if (/^https?:/.test(request.headers.origin ?? '')) return problem(reply, 403, 'SBX_ORIGIN', 'From a web page');
    if (request.headers.authorization !== `Bearer ${TOKEN}`)
      return problem(reply, 401, 'SBX_NOT_SIGNED_IN', 'This takes a token');
    await stub.hold.get(request.method);
  });
  app.post('/v1/escalations', async (request, reply) => {
    const body = request.body as Loose;
    const id = Number(body.ticket_id);
    stub.presses.push({ ticket: id, body });
    const there = stub.tickets.get(id);
    if (there) return there;
    const made = running(id, 0, 0);
    stub.tickets.set(id, made);
    return reply.code(202).send(made);
  });
  app.post('/v1/escalations/preview', async () => stub.preview);
  app.post('/v1/escalations/:id/link', async (request, reply) => {
    const id = Number((request.params as Loose).id);
    stub.links.push({ ticket: id, issue: (request.body as Loose).issue });
    stub.tickets.set(id, done(id));
    return reply.code(202).send(stub.tickets.get(id));
  });
  app.get('/v1/tickets/:id', async request => {
    const id = Number((request.params as Loose).id);
    return stub.tickets.get(id) ?? none(id);
  });
  app.get('/v1/tickets', async request => {
    const ids = String((request.query as Loose).ids).split(',');
    return { tickets: ids.map(id => stub.tickets.get(Number(id))).filter(Boolean) };
  });
  stub.url = await app.listen({ host: '127.0.0.1', port: 0 });
  return stub;
}

function problem(reply: FastifyReply, status: number, code: string, title: string) {
  return reply.code(status).type('application/problem+json').send({ code, title, detail: 'd', remedy: 'r', status });
}

export function none(id: number): Loose {
  const nothing = { id: null, progress: null, issue: null, requested_by: null, requested_at: null, error: null };
  return { ...nothing, ticket_id: id, state: 'none', warnings: [] };
}

export function running(id: number, done: number, total: number): Loose {
  return {
    ...none(id),
    id: String(id),
    state: 'running',
    progress: { done, total, step: total === 0 ? 'issue' : 'files' },
    requested_by: 'Ada',
    requested_at: '2026-11-28T09:12:00.000Z',
  };
}

export function done(id: number, issue: Loose = {}): Loose {
  const url = `https://gitlab.example.com/acme/appliance/-/issues/${id}`;
  return {
    ...running(id, 12, 12),
    state: 'done',
    issue: { url, iid: id, project: 'acme/appliance', state: 'opened', labels: ['freshdesk'], ...issue },
  };
}
