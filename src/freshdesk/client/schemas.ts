import { z } from 'zod';

/**
 * What we read of Freshdesk's answers (API v2): only the fields that are used. Blank fields are null, old accounts leave some out,
 * and old answers call an attachment's `size` `file_size`.
 */
const attachmentSchema = z
  .object({
    id: z.number(),
    name: z.string(),
    content_type: z.string().nullish(),
    size: z.number().nullish(),
    file_size: z.number().nullish(),
    attachment_url: z.string(),
  })
  .transform(({ id, name, content_type, size, file_size, attachment_url }) => ({
    id,
    name,
    contentType: content_type ?? null,
    size: size ?? file_size ?? null,
    /** Signed, and dead after five minutes. */
    url: attachment_url,
  }));
export type Attachment = z.output<typeof attachmentSchema>;

const requesterSchema = z.object({
  id: z.number(),
  name: z.string().nullish(),
  email: z.string().nullish(),
});

export const ticketSchema = z.object({
  id: z.number(),
  subject: z.string().nullish(),
  description: z.string().nullish(),
  description_text: z.string().nullish(),
  structured_description: z.unknown().optional(),
  status: z.number(),
  priority: z.number(),
  source: z.number(),
  type: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
  custom_fields: z.record(z.string(), z.unknown()).nullish(),
  requester_id: z.number(),
  responder_id: z.number().nullish(),
  company_id: z.number().nullish(),
  spam: z.boolean().nullish(),
  deleted: z.boolean().nullish(),
  archived: z.boolean().nullish(),
  created_at: z.string(),
  updated_at: z.string(),
  attachments: z.array(attachmentSchema).nullish(),
  requester: requesterSchema.nullish(),
  company: z.object({ id: z.number().nullish(), name: z.string().nullish() }).nullish(),
});
export type Ticket = z.output<typeof ticketSchema>;

/** As lists give it: without text and files. */
export const listedTicketSchema = ticketSchema.pick({
  id: true,
  subject: true,
  status: true,
  tags: true,
  updated_at: true,
});
export type ListedTicket = z.output<typeof listedTicketSchema>;

export const conversationSchema = z.object({
  id: z.number(),
  body: z.string().nullish(),
  body_text: z.string().nullish(),
  /** Chats have no HTML. */
  structured_body: z.unknown().optional(),
  incoming: z.boolean(),
  private: z.boolean(),
  user_id: z.number().nullish(),
  from_email: z.string().nullish(),
  source: z.number(),
  attachments: z.array(attachmentSchema).nullish(),
  created_at: z.string(),
  updated_at: z.string(),
  last_edited_at: z.string().nullish(),
  deleted: z.boolean().nullish(),
  auto_response: z.boolean().nullish(),
});
export type Conversation = z.output<typeof conversationSchema>;

/** Agents have their name one level deeper than contacts. */
export const agentSchema = z.object({
  id: z.number(),
  ticket_scope: z.number().nullish(),
  contact: z.object({ name: z.string().nullish(), email: z.string().nullish() }),
});
export type Agent = z.output<typeof agentSchema>;

export const contactSchema = z.object({ id: z.number(), name: z.string().nullish(), email: z.string().nullish() });

export const ticketFieldSchema = z.object({
  name: z.string(),
  type: z.string(),
  label: z.string().nullish(),
  required_for_agents: z.boolean().nullish(),
});
