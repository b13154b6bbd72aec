import { chatText } from '../../freshdesk/mail/chat-text.ts';
import type { MailConverter, MailSource, UploadedImage } from '../../freshdesk/mail/mail-converter.ts';
import type { EscalationContext } from './context.ts';
import type { FileDocument } from './documents.ts';
import type { MessageFacts } from './facts.ts';
import type { Material } from './material.ts';
import type { ShownFile, ShownMessage } from './render-comment.ts';

/** Texts without images do not wait for files: they are converted while those are copied. */
const ahead = new WeakMap<Material, Map<number, ReturnType<MailConverter['convert']>>>();

/** How the texts of a ticket are made ready: redacted, converted, with the files in their places. */
export function messageShower(
  { mail }: Pick<EscalationContext, 'mail'>,
  material: Material,
  files: ReadonlyMap<string, FileDocument>,
) {
  const sourceOf = (id: number): MailSource => {
    if (id === 0) {
      const { description, description_text, structured_description } = material.ticket;
      return { html: description ?? null, text: description_text ?? chatText(structured_description) };
    }
    const conversation = material.conversations?.find(each => each.id === id);
    const text = conversation?.body_text || chatText(conversation?.structured_body);
    return { html: conversation?.body ?? null, text };
  };

  const filesOf = (id: number): ShownFile[] =>
    material.files
      .filter(file => file.message === id)
      .map(({ key, name, size, inline }) => ({ name, size, inline, result: files.get(key) ?? null }));

  /** The text of a message; 0 is the ticket's own. */
  async function textOf(id: number): Promise<Omit<ShownMessage, 'message'>> {
    const uploads = new Map(
      material.files
        .filter(file => file.message === id && file.inline)
        .map(({ key, url, name }) => [url, uploadOf(files.get(key), name)]),
    );
    const { text, quoted, fallback, redactions } = await (uploads.size === 0
      ? convertOnce(id)
      : mail.convert(sourceOf(id), { uploads }));
    return { text, quoted, fallback, removed: redactions, files: filesOf(id) };
  }

  function convertOnce(id: number): ReturnType<MailConverter['convert']> {
    const known = ahead.get(material) ?? new Map<number, ReturnType<MailConverter['convert']>>();
    ahead.set(material, known);
    const running = known.get(id) ?? mail.convert(sourceOf(id), { uploads: new Map() });
    known.set(id, running);
    running.catch(() => known.delete(id));
    return running;
  }

  return {
    textOf,
    /** Begins with what can be done before the files are there. */
    begin: (ids: readonly number[]): void => {
      const withImages = new Set(material.files.filter(file => file.inline).map(file => file.message));
      for (const id of ids) if (!withImages.has(id)) void convertOnce(id);
    },
    show: async (message: MessageFacts): Promise<ShownMessage> => ({ message, ...(await textOf(message.id)) }),
  };
}

/** Null where it was not copied; before it is, its name stands for it. */
function uploadOf(file: FileDocument | undefined, name: string): UploadedImage | null {
  if (file === undefined || file.state === 'failing') return { markdownUrl: null, name };
  return file.state === 'copied' ? { markdownUrl: file.url, name: file.name } : null;
}
