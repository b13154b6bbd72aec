import type { Answer, Call } from '../http/call.ts';

/** What agents and customers read for each status; 6 is one of the account's own. */
export const STATUSES: ReadonlyMap<number, readonly [agent: string, customer: string]> = new Map([
  [2, ['Open', 'Being Processed']],
  [3, ['Pending', 'Awaiting your Reply']],
  [4, ['Resolved', 'This ticket has been Resolved']],
  [5, ['Closed', 'This ticket has been Closed']],
  [6, ['Waiting on Development', 'Being Processed']],
] as const);

const SOURCES = {
  Email: 1,
  Portal: 2,
  Phone: 3,
  Forum: 4,
  Twitter: 5,
  Facebook: 6,
  Chat: 7,
  MobiHelp: 8,
  'Feedback Widget': 9,
  'Outbound Email': 10,
  Ecommerce: 11,
  Bot: 12,
  Whatsapp: 13,
};

const PRIORITIES = { Low: 1, Medium: 2, High: 3, Urgent: 4 };

/** GET /ticket_fields, narrowed by `type`. */
export function listTicketFields(call: Call): Answer {
  const required = call.world.settings.requiredFields;
  const fields = [
    field(1, 'subject', 'Subject', 'default_subject'),
    field(2, 'source', 'Source', 'default_source', SOURCES),
    field(3, 'status', 'Status', 'default_status', Object.fromEntries(STATUSES)),
    field(4, 'priority', 'Priority', 'default_priority', PRIORITIES),
    field(5, 'description', 'Description', 'default_description'),
    field(6, 'cf_product', 'Product', 'custom_dropdown', ['Appliance', 'Agent']),
    field(7, 'cf_dev_status', 'Development status', 'custom_text'),
  ];
  const type = call.url.searchParams.get('type');
  const body = fields
    .map(item => ({ ...item, required_for_agents: item.required_for_agents || required.includes(item.name) }))
    .filter(item => type === null || item.type === type);
  return { status: 200, body };
}

function field(position: number, name: string, label: string, type: string, choices?: unknown) {
  const at = '2021-05-14T12:00:00Z';
  return {
    id: 80_000_374_700 + position,
    name,
    label,
    description: label,
    position,
    required_for_closure: false,
    required_for_agents: name === 'subject',
    type,
    default: type.startsWith('default_'),
    customers_can_edit: false,
    customers_can_filter: false,
    label_for_customers: label,
    required_for_customers: false,
    displayed_to_customers: true,
    ...(choices === undefined ? {} : { choices }),
    created_at: at,
    updated_at: at,
  };
}
