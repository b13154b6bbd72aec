import { createHash } from 'node:crypto';
import type { Freshdesk } from '../../freshdesk/client/create-freshdesk.ts';
import type { Attachment, Conversation, Ticket } from '../../freshdesk/client/schemas.ts';
import type { InlineImage, MailConverter } from '../../freshdesk/mail/mail-types.ts';

/** Signed addresses die after 300 s; one that is older than this is read anew. */
const FRESH = 240_000;
/** Texts of so many tickets are kept between two looks. */
const MOST = 16;

/** A file that a message has, with the address that it had when it was read. */
export interface SourceFile {
  key: string;
  name: string;
  size: number | null;
  type: string | null;
  message: number;
  inline: boolean;
  /** As it stands in the HTML, for inline images. */
  url: string;
}

/** What was read of a ticket: its texts and signed addresses, which are in no facts and in no log. */
export interface Material {
  ticket: Ticket;
  readAt: number;
  /** Null until they have been read. */
  conversations: Conversation[] | null;
  files: SourceFile[];
}

export type Materials = ReturnType<typeof createMaterials>;

/** Keeps what was read of a ticket from one look to the next, as long as its addresses live. */
export function createMaterials(freshdesk: Freshdesk, mail: MailConverter, now: () => number) {
  const kept = new Map<number, Material>();
  const refreshing = new Map<number, Promise<Material | null>>();

  function keep(material: Material): Material {
    kept.delete(material.ticket.id);
    kept.set(material.ticket.id, material);
    const [oldest] = kept.keys();
    if (kept.size > MOST && oldest !== undefined) kept.delete(oldest);
    return material;
  }

  async function readTicket(id: number): Promise<Material | null> {
    const recent = kept.get(id);
    if (recent && now() - recent.readAt < FRESH) return recent;
    const readAt = now();
    const ticket = await freshdesk.tickets.find(id);
    return ticket && keep({ ticket, readAt, conversations: null, files: [] });
  }

  async function read(id: number): Promise<Material | null> {
    const recent = await readTicket(id);
    if (recent === null) return null;
    const { ticket, readAt } = recent;
    const conversations = await freshdesk.tickets.conversations(id, ticket.archived === true);
    const present = conversations.filter(each => each.deleted !== true);
    const files = [
      ...(await filesOf(0, ticket.description ?? '', ticket.attachments ?? [], mail)),
      ...(
        await Promise.all(present.map(each => filesOf(each.id, each.body ?? '', each.attachments ?? [], mail)))
      ).flat(),
    ];
    return keep({ ticket, readAt, conversations: present, files });
  }

  return {
    /** The ticket alone; null where there is none. */
    readTicket,
    /** With all that was said. */
    read,
    /** What the present look has read; read again where the process is another one. */
    of: async (id: number): Promise<Material | null> => {
      const material = kept.get(id);
      return material?.conversations ? material : read(id);
    },
    /** With addresses that were signed just now; several at once share one reading. */
    refresh: (id: number): Promise<Material | null> => {
      const running =
        refreshing.get(id) ??
        (async () => {
          kept.delete(id);
          return read(id);
        })().finally(() => refreshing.delete(id));
      refreshing.set(id, running);
      return running;
    },
    isFresh: (material: Material): boolean => now() - material.readAt < FRESH,
    /** Another look has to see what is there then. */
    forget: (id: number): void => {
      kept.delete(id);
    },
  };
}

async function filesOf(
  message: number,
  html: string,
  attachments: readonly Attachment[],
  mail: MailConverter,
): Promise<SourceFile[]> {
  const images = /<img\b/i.test(html) ? await mail.images(html) : [];
  const listed = attachments.map(({ id, name, size, contentType, url }) => ({
    key: `a${id}`,
    name,
    size,
    type: contentType,
    message,
    inline: false,
    url,
  }));
  // Images of other hosts stay links: nothing is fetched because a mail says so.
  const inline = images
    .filter(image => image.kind !== 'external')
    .map((image, index) => ({
      key: keyOf(image, `${message}-${index}`),
      name: nameOf(image, index),
      size: null,
      type: null,
      message,
      inline: true,
      url: image.url,
    }));
  // The same image twice in one mail is one file.
  return [...listed, ...new Map(inline.map(file => [file.key, file])).values()];
}

function keyOf({ kind, url, attachmentId }: InlineImage, otherwise: string): string {
  // An image that is in its own address is known by its content.
  if (kind === 'data') return `d${createHash('sha256').update(url).digest('hex').slice(0, 24)}`;
  return `i${attachmentId ?? otherwise}`;
}

function nameOf({ alt }: InlineImage, index: number): string {
  return /^[^/\\]{1,100}\.(?:png|jpe?g|gif|webp|bmp|svg)$/i.test(alt) ? alt : `image-${index + 1}`;
}
