import type { Element, Root } from 'hast';
import { attribute, isElement } from './elements.ts';
import type { InlineImage } from './mail-types.ts';

/** The images that a mail shows, each once. */
export function inlineImages(tree: Root, freshdeskHosts: readonly string[]): InlineImage[] {
  const images = new Map<string, InlineImage>();
  const visit = (node: Root | Element): void => {
    for (const child of node.children) {
      if (!isElement(child)) continue;
      const url = attribute(child, 'src');
      if (child.tagName === 'img' && url !== '' && !images.has(url))
        images.set(url, describe(child, url, freshdeskHosts));
      visit(child);
    }
  };
  visit(tree);
  return [...images.values()];
}

function describe(image: Element, url: string, hosts: readonly string[]): InlineImage {
  const kind = url.startsWith('data:') ? 'data' : isFreshdesksImage(url, hosts) ? 'inline' : 'external';
  const id = kind === 'inline' ? (asId(attribute(image, 'dataId')) ?? idInUrl(url)) : null;
  return { url, alt: attribute(image, 'alt'), kind, attachmentId: id };
}

/** `https://eucattachment.freshdesk.com/inline/attachment?token=…`, and attachments in Freshdesk's own bucket. */
export function isFreshdesksImage(url: string, hosts: readonly string[]): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname, host, pathname } = new URL(url);
  const ours = hosts.includes(hostname) || hosts.includes(host);
  if (pathname.endsWith('/inline/attachment')) return ours || /(?:^|\.)freshdesk\.com$/.test(hostname);
  if (!/^\/(?:[a-z]+-)?cdn\.freshdesk\.com\/data\/helpdesk\/attachments\//.test(pathname)) return false;
  return ours || /^s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com$/.test(hostname);
}

/** The id in the token of an inline image (unverified: it only names the file), or in the path of an attachment. */
function idInUrl(url: string): number | null {
  const { pathname, searchParams } = new URL(url);
  const inPath = /\/attachments\/[a-z]+\/(\d+)\//.exec(pathname)?.[1];
  if (inPath !== undefined) return asId(inPath);
  try {
    const claims = JSON.parse(
      Buffer.from(searchParams.get('token')?.split('.')[1] ?? '', 'base64url').toString(),
    ) as unknown;
    return typeof claims === 'object' && claims !== null && 'id' in claims ? asId(String(claims.id)) : null;
  } catch {
    return null; // not a token that we know: the image still has its address
  }
}

function asId(text: string): number | null {
  const id = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  return id > 0 ? id : null;
}
