import { asMarkdown, type Markdown } from '../../gitlab/text/markdown.ts';

/** What the converter of mails gives is inert; its own tests hold it against GitLab's rules (freshdesk/mail). */
export function mailMarkdown(converted: string): Markdown {
  return asMarkdown(converted);
}
