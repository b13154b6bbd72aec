import { inlineText } from './inline-text.ts';
import { asInline, type InlineMarkdown } from './markdown.ts';

/** As GitLab gives it; relative, because only then it moves along when an issue is moved. */
const UPLOAD = /^\/uploads\/[0-9a-f]{32}\/[^/\s()[\]<>"'`|\\^]+$/;

/** A link to a file that was uploaded to the same project; `embed` shows it in place, if it is an image. */
export function uploadLink(name: string, url: string, options: { embed?: boolean } = {}): InlineMarkdown {
  const label = inlineText(name);
  if (!UPLOAD.test(url)) return label;
  return asInline(`${options.embed ? '!' : ''}[${label}](${url})`);
}
