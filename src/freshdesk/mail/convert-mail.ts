import type { Element, Root as HtmlRoot } from 'hast';
import type { Root } from 'mdast';
import rehypeRemark from 'rehype-remark';
import { unified } from 'unified';
import { blockText } from '../../gitlab/text/block-text.ts';
import { type Markdown, markdown } from '../../gitlab/text/markdown.ts';
import { textOf } from './elements.ts';
import { inlineImages, isFreshdesksImage } from './inline-images.ts';
import type {
  ConvertedMail,
  Fallback,
  InlineImage,
  Limits,
  MailSource,
  RedactionRule,
  UploadedImage,
} from './mail-types.ts';
import { parseMail } from './parse-mail.ts';
import { splitPlainText } from './plain-mail.ts';
import { fencedText, roughText } from './plain-text.ts';
import { redactDocument } from './redact-document.ts';
import { countsOf, createRedactor, type Redactor, redactText } from './redact-text.ts';
import { shapeMail } from './shape-mail.ts';
import { splitQuotes } from './split-quotes.ts';
import { writeMarkdown } from './write-markdown.ts';

/** What a worker knows from its start. */
export interface Conversion {
  gitlabHost: string;
  freshdeskHosts: readonly string[];
  rules: readonly RedactionRule[];
  limits: Limits;
}

type Uploads = ReadonlyMap<string, UploadedImage | null>;

// The usual reading of code drops direction controls; here they are evidence, and will be spelt out.
const inlineCode = (_: unknown, node: Element) => ({ type: 'inlineCode' as const, value: textOf(node, Infinity) });
const toMarkdownTree = unified()
  .use(rehypeRemark, {
    handlers: {
      code: inlineCode,
      kbd: inlineCode,
      samp: inlineCode,
      tt: inlineCode,
      pre: (_, node: Element) => ({ type: 'code' as const, value: textOf(node, Infinity) }),
    },
  })
  .freeze();

/** The whole way of one message, without guards of its own against time: it runs in a worker. */
export function convertMail(source: MailSource, uploads: Uploads, conversion: Conversion): ConvertedMail {
  const html = source.html?.trim() ? source.html : null;
  if (html === null) return convertText(source.text ?? '', conversion);
  const tree = parseMail(html, conversion.limits.depth);
  if (tree === 'too deep') return convertToFence(source, tree, conversion);
  const counts = new Map<string, number>();
  const redact = createRedactor(conversion.rules, counts);
  const { own, quoted } = splitQuotes(tree);
  const write = (part: HtmlRoot) => documentOf(part, redact, uploads, conversion);
  const text = write(own);
  if (text === '' && source.text?.trim()) return convertText(source.text, conversion);
  return withinLimit(
    source,
    { text, quoted: quoted && write(quoted), fallback: null, redactions: countsOf(counts) },
    conversion,
  );
}

function documentOf(
  part: HtmlRoot,
  redact: Redactor,
  uploads: Uploads,
  { gitlabHost, freshdeskHosts }: Conversion,
): Markdown {
  shapeMail(part);
  const document = toMarkdownTree.runSync(part) as unknown as Root;
  redactDocument(document, redact);
  return writeMarkdown(document, { uploads, gitlabHost, isFreshdesks: url => isFreshdesksImage(url, freshdeskHosts) });
}

/** A chat, or a message of which there is no HTML. */
function convertText(text: string, conversion: Conversion): ConvertedMail {
  const counts = new Map<string, number>();
  const redact = createRedactor(conversion.rules, counts);
  const { own, quoted } = splitPlainText(text.slice(0, conversion.limits.input));
  const write = (part: string) => blockText(redactText(part, redact));
  const mail = { text: write(own), quoted: quoted === null ? null : write(quoted), fallback: null, redactions: [] };
  return withinLimit({ html: null, text }, { ...mail, redactions: countsOf(counts) }, conversion);
}

function withinLimit(source: MailSource, mail: ConvertedMail, conversion: Conversion): ConvertedMail {
  const limit = conversion.limits.output;
  if (mail.text.length > limit) return convertToFence(source, 'too large', conversion);
  if (mail.text.length + (mail.quoted?.length ?? 0) <= limit) return mail;
  return { ...mail, quoted: markdown`*The quoted text is too long to be copied; it is in the ticket.*` };
}

/** The text of the message in a fence: for what cannot be converted. */
export function convertToFence(source: MailSource, why: Fallback, { rules, limits }: Conversion): ConvertedMail {
  const counts = new Map<string, number>();
  // Twice the limit is as much as a reader can get to see of it; more would only cost.
  const text = source.text?.trim()
    ? source.text.slice(0, 2 * limits.output)
    : roughText((source.html ?? '').slice(0, 4 * limits.output));
  const clean = redactText(text, createRedactor(rules, counts)).trim();
  return { text: fencedText(clean, limits.output), quoted: null, fallback: why, redactions: countsOf(counts) };
}

export function imagesOf(html: string, { freshdeskHosts, limits }: Conversion): InlineImage[] {
  const tree = parseMail(html, limits.depth);
  return tree === 'too deep' ? [] : inlineImages(tree, freshdeskHosts);
}
