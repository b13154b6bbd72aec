import type { Markdown } from '../../gitlab/text/markdown.ts';

/** One message as Freshdesk gives it: `description`/`body` and `description_text`/`body_text` (or the text of a chat). */
export interface MailSource {
  html: string | null;
  text: string | null;
}

/** An image that a message shows. Hidden ones and tracking pixels are not among them. */
export interface InlineImage {
  /** As written in the mail; the key of `uploads`. */
  url: string;
  alt: string;
  /** `inline`: Freshdesk holds it, to be copied. `data`: it is in the URL itself. `external`: never fetched. */
  kind: 'inline' | 'data' | 'external';
  /** Freshdesk's id of the file, if the mail tells it. The mail may lie: no permission follows from it. */
  attachmentId: number | null;
}

/** Where a copied image is now: GitLab's `/uploads/…` and the name to show. */
export interface UploadedImage {
  /** Null while it is being copied: its name stands for it. */
  markdownUrl: string | null;
  name: string;
}

export interface ConversionContext {
  /** By the image's URL as `images` gave it; `null`: it could not be copied. */
  uploads: ReadonlyMap<string, UploadedImage | null>;
}

/** Why a message stands there as plain text in a fence. */
export type Fallback = 'too large' | 'too deep' | 'too slow' | 'failed';

/**
 * What must not leave the ticket. Where the pattern matches, its named group `secret` (else the whole match) is replaced
 * by `[<name> removed]`. Flags as in RegExp; `g` and `d` are added.
 */
export interface RedactionRule {
  name: string;
  pattern: string;
  flags: string;
}

export interface Redaction {
  rule: string;
  count: number;
}

export interface ConvertedMail {
  /** The new text. Inert. */
  text: Markdown;
  /** What it quotes of earlier mails, to be folded by the caller (`details`). Inert. */
  quoted: Markdown | null;
  fallback: null | Fallback;
  redactions: readonly Redaction[];
}

export interface MailConverterOptions {
  /** Our GitLab: addresses on its host would create references, and stand in code instead. */
  gitlabUrl: string;
  /** Host names, besides `*.freshdesk.com`, whose inline images are Freshdesk's (a sandbox). */
  freshdeskHosts?: readonly string[];
  redact?: readonly RedactionRule[];
  /** Worker threads at most; started when needed. */
  workers?: number;
  /** Start the first at once, so that the first mail does not wait for it (some hundred milliseconds). */
  warm?: boolean;
  limits?: Partial<Limits>;
}

export interface Limits {
  /** Characters of HTML. */
  input: number;
  /** Nested elements. */
  depth: number;
  /** Milliseconds in the worker. */
  time: number;
  /** Characters of Markdown: GitLab takes a million in a note. */
  output: number;
}

/** Turns messages into Markdown in worker threads: no mail, however large or mean, holds the event loop up. */
export interface MailConverter {
  images(html: string): Promise<InlineImage[]>;
  convert(source: MailSource, context: ConversionContext): Promise<ConvertedMail>;
  /** Text that is no mail, such as a subject. Not Markdown: it still has to be made safe for its place. */
  redact(text: string): Promise<{ text: string; redactions: readonly Redaction[] }>;
  close(): Promise<void>;
}
