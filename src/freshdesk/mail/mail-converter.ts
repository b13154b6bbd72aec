import { type Markdown, markdown } from '../../gitlab/text/markdown.ts';
import type {
  ConversionContext,
  ConvertedMail,
  Fallback,
  InlineImage,
  Limits,
  MailConverter,
  MailConverterOptions,
  MailSource,
  Redaction,
} from './mail-types.ts';
import { MailWorkers } from './mail-workers.ts';

export type {
  MailConverter,
  MailSource,
  Redaction,
  UploadedImage,
} from './mail-types.ts';

const LIMITS: Limits = { input: 2 * 1024 * 1024, depth: 400, time: 3000, output: 900_000 };

export function createMailConverter(options: MailConverterOptions): MailConverter {
  const limits = { ...LIMITS, ...options.limits };
  const workers = new MailWorkers(
    {
      gitlabHost: new URL(options.gitlabUrl).hostname,
      freshdeskHosts: options.freshdeskHosts ?? [],
      rules: options.redact ?? [],
      limits,
    },
    options.workers ?? 2,
  );
  if (options.warm === true) workers.warm();

  async function images(html: string): Promise<InlineImage[]> {
    if (html.length > limits.input || !/<img/i.test(html)) return [];
    const outcome = await workers.ask<'images'>({ do: 'images', html });
    return 'result' in outcome ? outcome.result : [];
  }

  async function convert(source: MailSource, { uploads }: ConversionContext): Promise<ConvertedMail> {
    if ((source.html?.length ?? 0) > limits.input) return fence(source, 'too large');
    const outcome = await workers.ask<'convert'>({ do: 'convert', source: within(source), uploads });
    return 'result' in outcome ? outcome.result : fence(source, outcome.fault);
  }

  async function fence(source: MailSource, why: Fallback): Promise<ConvertedMail> {
    const outcome = await workers.ask<'fence'>({ do: 'fence', source: within(source), why });
    if ('result' in outcome) return outcome.result;
    // Nothing that could not be redacted leaves the ticket.
    return { text: UNREADABLE, quoted: null, fallback: outcome.fault, redactions: [] };
  }

  /** No more than what the fence of a message could show has to reach the thread. */
  function within({ html, text }: MailSource): MailSource {
    const most = Math.max(limits.input, 4 * limits.output);
    return { html: html?.slice(0, most) ?? null, text: text?.slice(0, most) ?? null };
  }

  async function redact(text: string): Promise<{ text: string; redactions: readonly Redaction[] }> {
    if (text === '') return { text, redactions: [] };
    const outcome = await workers.ask<'redact'>({ do: 'redact', text });
    return 'result' in outcome ? outcome.result : { text: '(not readable)', redactions: [] };
  }

  return { images, convert, redact, close: () => workers.close() };
}

const UNREADABLE: Markdown = markdown`*This message could not be copied; it is in the ticket.*`;
