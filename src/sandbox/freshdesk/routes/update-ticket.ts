import { type FieldError, validationFailed } from '../http/api-error.ts';
import type { Answer, Call } from '../http/call.ts';
import { checkInput, integer, text, texts } from '../http/input.ts';
import { cleanHtml } from '../present/plain-text.ts';
import { viewedTicket } from '../present/ticket.ts';
import { changeableTicketOf } from '../state/find.ts';
import type { TicketRecord } from '../state/records.ts';
import { publish } from '../webhooks/publish.ts';
import { STATUSES } from './ticket-fields.ts';

const TAG_LENGTH = 32;

/**
 * PUT /tickets/:id. `tags` replaces the whole array. The ticket form is checked as a whole: a required field that was empty
 * before makes every update fail with 400, whatever it wanted to change.
 */
export function updateTicket(call: Call): Answer {
  const { world } = call;
  const ticket = changeableTicketOf(call);
  checkInput(call, {
    subject: 'String',
    description: 'String',
    status: 'Positive Integer',
    priority: 'Positive Integer',
    type: 'String',
    tags: 'Array',
    custom_fields: 'Key/Value Pair',
    group_id: 'Positive Integer',
    responder_id: 'Positive Integer',
    attachments: 'Array',
  });
  const customFields = (call.input['custom_fields'] ?? {}) as Record<string, unknown>;
  checkForm(call, ticket, customFields);
  const before = ticket.status;
  const status = integer(call, 'status') ?? ticket.status;
  if (status !== before) setStatus(ticket, status, world.now());
  ticket.tags = texts(call, 'tags') ?? ticket.tags;
  ticket.subject = text(call, 'subject') ?? ticket.subject;
  ticket.type = text(call, 'type') ?? ticket.type;
  ticket.priority = integer(call, 'priority') ?? ticket.priority;
  const description = text(call, 'description');
  if (description !== undefined) ticket.description = cleanHtml(description);
  const [group, responder] = [integer(call, 'group_id'), integer(call, 'responder_id')];
  if (group !== undefined) ticket.groupId = group;
  if (responder !== undefined) ticket.responderId = responder;
  Object.assign(ticket.customFields, customFields);
  ticket.updatedAt = world.now();
  const changed = status === before ? '{ticket_action:update}' : `{status:{from:${name(before)},to:${name(status)}}}`;
  publish(world, ticket, 'ticket_updated', changed);
  return { status: 200, body: viewedTicket(world, ticket, []) };
}

function setStatus(ticket: TicketRecord, status: number, now: number): void {
  ticket.status = status;
  ticket.statusUpdatedAt = now;
  ticket.resolvedAt = status === 4 ? now : status === 5 ? ticket.resolvedAt : null;
  ticket.closedAt = status === 5 ? now : null;
}

function name(status: number): string {
  return STATUSES.get(status)?.[0] ?? String(status);
}

function checkForm(call: Call, ticket: TicketRecord, customFields: Record<string, unknown>): void {
  const errors: FieldError[] = [];
  for (const field of Object.keys(customFields)) {
    if (!(field in ticket.customFields))
      errors.push({ field, message: 'Unexpected/invalid field in request', code: 'invalid_field' });
  }
  for (const field of call.world.settings.requiredFields) {
    const value = field in customFields ? customFields[field] : ticket.customFields[field];
    if (value === null || value === undefined || value === '')
      errors.push({ field, message: 'It should be a/an String', code: 'missing_field' });
  }
  const status = integer(call, 'status');
  if (typeof status === 'number' && !STATUSES.has(status)) errors.push(oneOf('status', [...STATUSES.keys()]));
  const priority = integer(call, 'priority');
  if (typeof priority === 'number' && priority > 4) errors.push(oneOf('priority', [1, 2, 3, 4]));
  const responder = integer(call, 'responder_id');
  if (typeof responder === 'number' && !call.world.agents.has(responder))
    errors.push({
      field: 'responder_id',
      message: 'There is no agent matching the given responder_id',
      code: 'invalid_value',
    });
  for (const tag of texts(call, 'tags') ?? []) {
    const message = `It should only contain elements that have maximum of ${TAG_LENGTH} characters`;
    if (tag.length > TAG_LENGTH) errors.push({ field: 'tags', message, code: 'invalid_value' });
  }
  if (errors.length > 0) throw validationFailed(errors);
}

function oneOf(field: string, values: number[]): FieldError {
  return { field, message: `It should be one of these values: '${values.join(',')}'`, code: 'invalid_value' };
}
