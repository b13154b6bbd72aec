import { ApiError, notAllowed } from '../http/api-error.ts';
import { included, type Route } from '../http/call.ts';
import { deleteAttachment } from './attachments.ts';
import {
  createNote,
  createReply,
  deleteConversation,
  listArchivedConversations,
  listConversations,
  updateConversation,
} from './conversations.ts';
import { listAgents, listCompanies, listContacts, viewAgent, viewCompany, viewContact, viewMe } from './people.ts';
import { listTicketFields } from './ticket-fields.ts';
import { createTicket, deleteTicket, listTickets, restoreTicket, viewArchived, viewTicket } from './tickets.ts';
import { updateTicket } from './update-ticket.ts';

/** A view costs one call more for each thing included, a list two more. */
const viewCredits = (url: URL) => 1 + included(url).length;
const listCredits = (url: URL) => 1 + 2 * included(url).length;

const ROUTES: readonly Route[] = [
  { method: 'GET', path: at('/tickets'), family: 'list', credits: listCredits, handler: listTickets },
  { method: 'POST', path: at('/tickets'), family: 'create', handler: createTicket },
  { method: 'GET', path: at('/tickets/:id'), credits: viewCredits, handler: viewTicket },
  { method: 'PUT', path: at('/tickets/:id'), family: 'update', handler: updateTicket },
  { method: 'DELETE', path: at('/tickets/:id'), handler: deleteTicket },
  { method: 'PUT', path: at('/tickets/:id/restore'), handler: restoreTicket },
  { method: 'GET', path: at('/tickets/archived/:id'), credits: viewCredits, handler: viewArchived },
  { method: 'GET', path: at('/tickets/archived/:id/conversations'), handler: listArchivedConversations },
  { method: 'GET', path: at('/tickets/:id/conversations'), handler: listConversations },
  { method: 'POST', path: at('/tickets/:id/notes'), handler: createNote },
  { method: 'POST', path: at('/tickets/:id/reply'), handler: createReply },
  { method: 'PUT', path: at('/conversations/:id'), handler: updateConversation },
  { method: 'DELETE', path: at('/conversations/:id'), handler: deleteConversation },
  { method: 'DELETE', path: at('/attachments/:id'), handler: deleteAttachment },
  { method: 'GET', path: at('/agents/me'), handler: viewMe },
  { method: 'GET', path: at('/agents'), handler: listAgents },
  { method: 'GET', path: at('/agents/:id'), handler: viewAgent },
  { method: 'GET', path: at('/contacts'), handler: listContacts },
  { method: 'GET', path: at('/contacts/:id'), handler: viewContact },
  { method: 'GET', path: at('/companies'), handler: listCompanies },
  { method: 'GET', path: at('/companies/:id'), handler: viewCompany },
  { method: 'GET', path: at('/ticket_fields'), handler: listTicketFields },
];

function at(template: string): RegExp {
  return new RegExp(`^/api/v2${template.replace(':id', '(?<id>\\d+)')}$`);
}

/** The route of a request; 404 (empty) for an unknown path, 405 with the methods that there are. */
export function findRoute(method: string, path: string): { route: Route; params: Record<string, string> } {
  const matching = ROUTES.filter(route => route.path.test(path));
  const route = matching.find(item => item.method === method);
  if (route !== undefined) return { route, params: { ...route.path.exec(path)?.groups } };
  if (matching.length === 0) throw new ApiError(404);
  throw notAllowed(
    method,
    matching.map(item => item.method),
  );
}
