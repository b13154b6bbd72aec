import type { ConversationRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';
import { attachment } from './attachment.ts';
import { plainText } from './plain-text.ts';
import { time } from './time.ts';

/** A conversation in every answer that has one. Names of authors are not in it. */
export function conversation(world: World, item: ConversationRecord): Record<string, unknown> {
  return {
    body: item.body,
    body_text: plainText(item.body),
    id: item.id,
    incoming: item.incoming,
    private: item.private,
    user_id: item.userId,
    support_email: item.supportEmail,
    source: item.source,
    category: item.source === 2 ? 2 : item.incoming ? 1 : 3,
    to_emails: item.toEmails,
    from_email: item.fromEmail,
    cc_emails: item.ccEmails,
    bcc_emails: item.source === 2 ? null : [],
    email_failure_count: null,
    outgoing_failures: null,
    created_at: time(item.createdAt),
    updated_at: time(item.updatedAt),
    last_edited_at: time(item.lastEditedAt),
    last_edited_user_id: item.lastEditedUserId,
    attachments: item.attachments.map(file => attachment(world, file)),
    deleted: false,
    cloud_files: [],
    has_quoted_text: /class="[^"]*(freshdesk_quote|gmail_quote)|id="divRplyFwdMsg"/.test(item.body),
    auto_response: item.autoResponse,
    ticket_id: item.ticketId,
    source_additional_info: null,
  };
}
