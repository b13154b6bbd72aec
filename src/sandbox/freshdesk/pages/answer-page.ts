import type { ServerResponse } from 'node:http';
import type { TicketRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';
import { AGENT_SCRIPT } from './agent-script.ts';
import { AGENT_STYLE } from './agent-style.ts';

const SHELL = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Acme</title><link rel="stylesheet" href="/a/assets/agent.css"></head>
<body>
<header class="app-header"><a href="/a/dashboard">Acme Support</a> <a href="/a/tickets">Tickets</a></header>
<main id="ember-app"></main>
<script src="/a/assets/agent.js"></script>
</body>
</html>
`;

/**
 * The agents' user interface under `/a/`: an empty page that a script fills (`/a/tickets`, `/a/tickets/:id`, anything else is
 * the dashboard), under a policy that allows no inline script, no inline style block and no address but its own. Nobody has
 * to sign in.
 */
export function answerPage(world: World, response: ServerResponse, path: string): void {
  const data = /^\/a\/_data\/tickets(?:\/(\d+))?$/.exec(path);
  if (path === '/') send(302, 'text/plain', '', { Location: '/a/tickets' });
  else if (path === '/a/assets/agent.js') send(200, 'text/javascript; charset=utf-8', AGENT_SCRIPT);
  else if (path === '/a/assets/agent.css') send(200, 'text/css; charset=utf-8', AGENT_STYLE);
  else if (path === '/favicon.ico') send(204, 'image/x-icon', '');
  else if (path === '/a/widget') send(200, 'text/html; charset=utf-8', '<!doctype html><title>widget</title><p>widget');
  else if (data !== null) sendData(data[1] === undefined ? listData(world) : ticketData(world, Number(data[1])));
  else if (path === '/a' || path.startsWith('/a/')) send(200, 'text/html; charset=utf-8', SHELL);
  else send(404, 'text/plain', '');

  function sendData(value: unknown): void {
    if (value === null) send(404, 'application/json', '');
    else send(200, 'application/json; charset=utf-8', JSON.stringify(value));
  }

  function send(status: number, type: string, body: string, headers: Record<string, string> = {}): void {
    response.writeHead(status, {
      'Content-Type': type,
      'Content-Security-Policy': policy(world),
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-store',
      ...headers,
    });
    response.end(body);
  }
}

/** `style-src-attr`: mails bring style attributes, and those do no harm. */
function policy(world: World): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "style-src-attr 'unsafe-inline'",
    `img-src 'self' ${world.filesUrl}`,
    "connect-src 'self'",
    "frame-src 'self'",
    "frame-ancestors 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "object-src 'none'",
  ].join('; ');
}

function shownTickets(world: World): TicketRecord[] {
  return [...world.tickets.values()].filter(ticket => !ticket.archived && !ticket.spam && !ticket.deleted);
}

function listData(world: World): unknown {
  return shownTickets(world).map(({ id, subject, requesterId }) => ({
    id,
    subject,
    requester: nameOf(world, requesterId),
  }));
}

function ticketData(world: World, id: number): unknown {
  const ticket = world.tickets.get(id);
  if (ticket === undefined) return null;
  const ids = shownTickets(world).map(item => item.id);
  const { subject, tags, description, conversations } = ticket;
  return {
    id,
    subject: subject ?? '',
    tags,
    description,
    conversations: conversations.map(item => ({
      id: item.id,
      author: nameOf(world, item.userId),
      private: item.private,
      body: item.body,
    })),
    previous: ids.findLast(other => other < id) ?? null,
    next: ids.find(other => other > id) ?? null,
  };
}

function nameOf(world: World, id: number): string {
  return (world.agents.get(id) ?? world.contacts.get(id))?.name ?? '';
}
