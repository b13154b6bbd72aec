/** Bytes as they were uploaded, or as many as `size` says that are made up while they are sent (bench: flat memory). */
export type Content = { bytes: Buffer } | { generated: number };

export interface FileRecord {
  id: number;
  name: string;
  contentType: string;
  size: number;
  content: Content;
  /** Milliseconds since 1970, as all times in here. */
  createdAt: number;
  updatedAt: number;
  /** An inline image: has a token URL in the HTML, and is in nobody's `attachments[]`. */
  inline: boolean;
}

/** 0 reply, 2 note, 8 forwarded mail (and more in the real thing). */
export type ConversationSource = 0 | 2 | 8;

export interface ConversationRecord {
  id: number;
  ticketId: number;
  body: string;
  incoming: boolean;
  private: boolean;
  userId: number;
  source: ConversationSource;
  supportEmail: string | null;
  fromEmail: string | null;
  toEmails: string[];
  ccEmails: string[];
  attachments: FileRecord[];
  createdAt: number;
  updatedAt: number;
  lastEditedAt: number | null;
  lastEditedUserId: number | null;
  autoResponse: boolean;
}

export interface TicketRecord {
  id: number;
  subject: string | null;
  description: string;
  status: number;
  priority: number;
  source: number;
  type: string | null;
  tags: string[];
  customFields: Record<string, unknown>;
  ccEmails: string[];
  toEmails: string[] | null;
  groupId: number | null;
  responderId: number | null;
  requesterId: number;
  companyId: number | null;
  productId: number | null;
  spam: boolean;
  deleted: boolean;
  archived: boolean;
  attachments: FileRecord[];
  conversations: ConversationRecord[];
  createdAt: number;
  updatedAt: number;
  statusUpdatedAt: number;
  resolvedAt: number | null;
  closedAt: number | null;
}

export interface AgentRecord {
  id: number;
  name: string;
  email: string;
  /** The part of HTTP Basic that is a secret. */
  apiKey: string;
  /** 1 all tickets, 2 those of the groups, 3 only the agent's own. */
  ticketScope: 1 | 2 | 3;
  createdAt: number;
}

export interface ContactRecord {
  id: number;
  name: string;
  email: string;
  phone: string | null;
  companyId: number | null;
  createdAt: number;
}

export interface CompanyRecord {
  id: number;
  name: string;
  domains: string[];
  accountTier: string | null;
  createdAt: number;
}

/** A "Trigger Webhook" action of an automation rule. */
export interface WebhookRecord {
  id: number;
  url: string;
  headers: Record<string, string>;
  /** With `{{ticket.id}}` and other placeholders, filled in without any escaping; null = Freshdesk's own default shape. */
  body: string | null;
  /** Null = every event. */
  events: WebhookEvent[] | null;
}

export type WebhookEvent = 'ticket_created' | 'ticket_updated' | 'note_added' | 'reply_sent' | 'reply_received';

export interface WebhookDelivery {
  webhookId: number;
  ticketId: number;
  event: WebhookEvent;
  attempt: number;
  /** `internal error` when nobody answered. */
  status: string;
  body: string;
}
