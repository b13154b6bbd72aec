import { inlineText } from './inline-text.ts';
import { asInline, type InlineMarkdown } from './markdown.ts';

const UNSAFE_IN_DESTINATION = /[()<>[\]\\`|$^"'{}]/g;

/** A name, an IPv4 or an IPv6 address. `new URL` also takes hosts such as `)`, which would end the link. */
const HOST = /^(?:[\w.-]+|\[[0-9a-f:.]+\])$/;

/**
 * A link with untrusted text to an address that we chose. Anything but an http or https address without credentials
 * gives the text alone. A link to an issue of the same GitLab *is* a reference, and is meant to be.
 */
export function link(text: string, url: string): InlineMarkdown {
  const label = inlineText(text);
  const destination = linkDestination(url);
  if (destination === undefined) return label;
  return asInline(`[${label === '' ? inlineText(new URL(url).host) : label}](${destination})`);
}

/** What may stand in the parentheses of a link: an http or https address without credentials, nothing else. */
export function linkDestination(url: string): string | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !isLinkable(parsed)) return undefined;
  // Only what follows the host: brackets belong to an IPv6 address there.
  const rest = parsed.href
    .slice(parsed.origin.length)
    .replace(UNSAFE_IN_DESTINATION, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('&', '&amp;');
  return parsed.origin + rest;
}

function isLinkable({ protocol, hostname, username, password }: URL): boolean {
  return /^https?:$/.test(protocol) && HOST.test(hostname) && username === '' && password === '';
}
