import { fallbackMarkdown } from './fallback-markdown.ts';

/** An image in a mail; `attachmentId` where Freshdesk keeps it. */
export interface InlineImage {
  url: string;
  alt: string;
  attachmentId: number | null;
}

export interface MailSource {
  html: string | null;
  text: string | null;
}

export interface MailContext {
  /** By the image's address: where its copy is, or null where it was not copied. */
  uploads: ReadonlyMap<string, { markdownUrl: string; name: string } | null>;
}

export interface ConvertedMail {
  /** Markdown, inert. */
  text: string;
  /** Quoted text, Markdown, inert; to be folded by whoever shows it. */
  quoted: string | null;
  /** Why it is the plain text of the mail in a code block. */
  fallback: null | 'too large' | 'too deep' | 'too slow' | 'failed';
}

export interface MailConverter {
  images(html: string): Promise<InlineImage[]>;
  convert(source: MailSource, context: MailContext): Promise<ConvertedMail>;
  close(): Promise<void>;
}

export interface MailConverterOptions {
  gitlabUrl: string;
}

/** Mails as plain text in a code block. */
export function createMailConverter(_options: MailConverterOptions): MailConverter {
  return {
    images: async html =>
      [...html.matchAll(/<img\b[^>]*\bsrc="([^"]+)"[^>]*>/gi)].map(([tag, url]) => ({
        url: (url ?? '').replaceAll('&amp;', '&'),
        alt: '',
        attachmentId: Number(/\bdata-id="(\d+)"/.exec(tag)?.[1] ?? Number.NaN) || null,
      })),
    convert: async ({ html, text }, { uploads }) => {
      const plain = text ?? (html ?? '').replace(/<[^>]*>/g, ' ');
      const images = [...uploads].flatMap(([, copy]) => (copy ? [`![image](${copy.markdownUrl})`] : []));
      return { text: [fallbackMarkdown(plain), ...images].join('\n\n'), quoted: null, fallback: null };
    },
    close: async () => undefined,
  };
}
