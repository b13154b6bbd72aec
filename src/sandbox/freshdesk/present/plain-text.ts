const ENTITIES: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ', amp: '&' };

/** What Freshdesk derives from HTML for `body_text` and `description_text`. */
export function plainText(html: string): string {
  return html
    .replaceAll(/<(style|script)\b.*?<\/\1>/gis, '')
    .replaceAll(/<br\s*\/?>|<\/(p|div|li|tr|h\d|pre|blockquote)>/gi, '\n')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(lt|gt|quot|#39|nbsp|amp);/g, (_, name: string) => ENTITIES[name] ?? '')
    .replaceAll(/[ \t]+\n/g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

/** What is taken out of HTML that comes in: scripts, handlers and comments. A marker in a comment does not survive. */
export function cleanHtml(html: string): string {
  return html
    .replaceAll(/<!--.*?(-->|$)/gs, '')
    .replaceAll(/<script\b.*?(<\/script\s*>|$)/gis, '')
    .replaceAll(/\son\w+\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, '');
}
