import type { ConvertedMail, MailSource } from '../../freshdesk/mail/mail-converter.ts';
import type { EscalationContext } from './context.ts';
import type { FileDocument } from './documents.ts';
import type { MessageFacts } from './facts.ts';
import { mailMarkdown } from './mail-markdown.ts';
import type { Material } from './material.ts';
import type { ShownFile, ShownMessage } from './render-comment.ts';

/** How the texts of a ticket are made ready: redacted, converted, with the files in their places. */
export function messageShower(
  { mail, redactor }: Pick<EscalationContext, 'mail' | 'redactor'>,
  material: Material,
  files: ReadonlyMap<string, FileDocument>,
) {
  const sourceOf = (id: number): MailSource => {
    if (id === 0) {
      const { description, description_text } = material.ticket;
      return { html: description ?? null, text: description_text ?? null };
    }
    const conversation = material.conversations?.find(each => each.id === id);
    return { html: conversation?.body ?? null, text: conversation?.body_text ?? null };
  };

  const filesOf = (id: number): ShownFile[] =>
    material.files
      .filter(file => file.message === id)
      .map(({ key, name, size, inline }) => ({ name, size, inline, result: files.get(key) ?? null }));

  /** The text of a message; 0 is the ticket's own. */
  async function textOf(id: number): Promise<Pick<ShownMessage, 'text' | 'quoted' | 'fallback' | 'files'>> {
    const uploads = new Map(
      material.files
        .filter(file => file.message === id && file.inline)
        .map(({ key, url }) => [url, uploadOf(files.get(key))]),
    );
    const { source } = redactor.mail(sourceOf(id));
    const converted: ConvertedMail = await mail.convert(source, { uploads });
    return {
      text: mailMarkdown(converted.text),
      quoted: converted.quoted === null ? null : mailMarkdown(converted.quoted),
      fallback: converted.fallback,
      files: filesOf(id),
    };
  }

  return {
    textOf,
    show: async (message: MessageFacts): Promise<ShownMessage> => ({ message, ...(await textOf(message.id)) }),
    /** What was taken out of all that is shown, by name. */
    redacted: (ids: readonly number[]): string[] => [...new Set(ids.flatMap(id => redactor.mail(sourceOf(id)).found))],
  };
}

function uploadOf(file: FileDocument | undefined): { markdownUrl: string; name: string } | null {
  return file?.state === 'copied' ? { markdownUrl: file.url, name: file.name } : null;
}
